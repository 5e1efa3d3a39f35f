// Tells of a ringing call beyond the page: the tab's title and icon, a desktop notification, and words for screen readers.

const plainTitle = document.title;
const icon = document.querySelector('link[rel="icon"]');
const plainIcon = icon.href;
const shown = new Map();

/** Says `text` at once ("assertive", for a ringing call) or when the reader is done ("polite"). */
export function announce(text, { urgent = false } = {}) {
  const region = document.getElementById(urgent ? "announce-now" : "announce");
  region.textContent = "";
  // The same sentence twice must still be two announcements.
  requestAnimationFrame(() => (region.textContent = text));
}

/** `label` of who rings, or null when nothing rings any more. */
export function showRinging(label, ringingIcon) {
  document.title = label === null ? plainTitle : `☎ ${label} is calling`;
  icon.href = label === null ? plainIcon : ringingIcon;
}

/** Desktop notification for a call that rings while nobody looks at the page. */
export function notify(callId, title, body) {
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
  const notification = new Notification(title, { body, tag: callId, requireInteraction: true });
  notification.onclick = () => {
    window.focus();
    notification.close();
  };
  shown.set(callId, notification);
}

export function withdraw(callId) {
  shown.get(callId)?.close();
  shown.delete(callId);
}

/** The button that asks for permission; gone once the reader has decided either way, or where there is nothing to ask. */
export function offerNotifications(button) {
  const isOpen = () => "Notification" in window && Notification.permission === "default";
  button.hidden = !isOpen();
  button.addEventListener("click", async () => {
    await Notification.requestPermission();
    button.hidden = !isOpen();
  });
}
