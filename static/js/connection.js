// Whether the page is live, in the corner of its head: what is not is said at once.

/** status: "live" or "reconnecting", as EventSocket tells it */
export function showConnection(status) {
  const pill = document.getElementById("connection");
  pill.className = `pill ${status === "live" ? "good" : "warn"}`;
  pill.textContent = status === "live" ? "Live" : "Reconnecting…";
}
