// Several tabs of one agent agree on one that pops: the one looked at last. Each has its own event stream, so all show the calls.

/** Calls `onChange(isLeader)` whenever that changes. The lead passes on by itself when its tab closes. */
export function leadAmongTabs(name, onChange) {
  if (!navigator.locks) {
    onChange(true); // no locks on plain http: better two pops than none
    return;
  }
  let leads = false;
  let latest = 0;

  const change = (isLeader) => {
    leads = isLeader;
    onChange(isLeader);
  };
  const request = async ({ steal }) => {
    const number = (latest += 1);
    try {
      await navigator.locks.request(name, { steal }, () => {
        if (number !== latest) return undefined; // a later request has replaced this one while it waited: pass it on
        change(true);
        return new Promise(() => {}); // for as long as this tab lives, or until another steals it
      });
    } catch (error) {
      if (error.name !== "AbortError") throw error;
      change(false);
      request({ steal: false });
    }
  };
  const takeIfLookedAt = () => {
    if (!document.hidden && !leads) request({ steal: true });
  };

  if (document.hidden) request({ steal: false });
  else takeIfLookedAt();
  document.addEventListener("visibilitychange", takeIfLookedAt);
  addEventListener("focus", takeIfLookedAt);
}
