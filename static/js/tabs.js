// Several tabs of one agent agree on one that pops: the one looked at last. Each has its own event stream, so all show the calls.

/** Calls `onChange(isLeader)`; the lock passes on by itself when its tab closes. */
export function leadAmongTabs(name, onChange) {
  if (!navigator.locks) {
    onChange(true); // no locks on plain http: better two pops than none
    return;
  }
  const lead = async (options) => {
    try {
      await navigator.locks.request(name, options, () => {
        onChange(true);
        return new Promise(() => {}); // for as long as this tab lives, or until another steals it
      });
    } catch (error) {
      if (error.name !== "AbortError") throw error;
      onChange(false);
      lead({});
    }
  };
  lead(document.hidden ? {} : { steal: true });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) lead({ steal: true });
  });
}
