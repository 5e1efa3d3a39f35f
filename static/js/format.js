// Numbers, names and durations as people read them. Pure.

// Calling codes of one and two digits; every other has three (ITU-T E.164, list of assigned country codes).
const SHORT_CODES =
  /^(1|7|20|27|30|31|32|33|34|36|39|40|41|43|44|45|46|47|48|49|51|52|53|54|55|56|57|58|60|61|62|63|64|65|66|81|82|84|86|90|91|92|93|94|95|98)/;

/** "+31203080700" → "+31 20 308 07 00"; anything that isn't E.164 stays as it is. */
export function phone(number) {
  if (!number?.startsWith("+")) return number ?? "";
  const digits = number.slice(1);
  const code = digits.match(SHORT_CODES)?.[0] ?? digits.slice(0, 3);
  return `+${code} ${grouped(digits.slice(code.length))}`.trim();
}

/** Threes, with the remainder in pairs, so that no digit stands alone. */
function grouped(digits) {
  const pairs = { 0: 0, 1: 2, 2: 1 }[digits.length % 3];
  const head = digits.length > 3 ? digits.slice(0, digits.length - 2 * pairs) : digits;
  const tail = digits.slice(head.length);
  return [...(head.match(/\d{1,3}/g) ?? []), ...(tail.match(/\d{2}/g) ?? [])].join(" ");
}

/** Name, else number, else that there is neither. Untrusted text: only ever for textContent. */
export function partyLabel(party) {
  if (!party) return "Unknown";
  return party.name || phone(party.number) || (party.anonymous ? "Anonymous" : "Unknown");
}

/** 65 → "1:05", 3661 → "1:01:01". */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** The hour and minute of an API time, on the reader's clock. */
export function clock(moment) {
  return new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
