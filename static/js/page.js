// What every page shares: dialogs, copy buttons, toasts, and times on the reader's clock. See the top of base.css.

const TOAST_SECONDS = 6;

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();

  const closer = event.target.closest("[data-closes]");
  if (closer) closeNearest(closer);

  const copier = event.target.closest("[data-copies]");
  if (copier) copy(copier);
});

function closeNearest(button) {
  const dialog = button.closest("dialog");
  if (dialog) dialog.close();
  else button.closest(".toast").remove();
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    // No clipboard on plain http: select it, so that Ctrl+C does it.
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: press Ctrl+C";
  }
}

/** Writes every <time datetime> inside `root` on the reader's clock; `data-as="time"` leaves the date out. */
export function localizeTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.title = moment.toISOString();
    time.textContent =
      time.dataset.as === "time"
        ? moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" })
        : moment.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
}

localizeTimes(document);

for (const toast of document.querySelectorAll(".toast:not(.bad)")) {
  setTimeout(() => toast.remove(), TOAST_SECONDS * 1000);
}
