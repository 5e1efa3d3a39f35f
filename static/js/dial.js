// Understands what people paste into the dial box. Pure. The server decides what can be dialled; this only tidies.

// Countries where a call abroad starts with something else than 00.
const INTERNATIONAL_PREFIX = { US: "011", CA: "011", AU: "0011", JP: "010" };
const LONGEST_NUMBER = 15 + 4; // E.164, and the prefix for abroad
const LONGEST_EXTENSION = 6;
const STAR_CODE = /^[*#][\d*#]+$/; // "*21*1001#": every sign counts
const EXTENSION_BEHIND = /^(.*\d.*?)\s*(?:;ext=|,|#|(?:ext|extension|toestel|tst|x)[.:]?)\s*(\d{1,7})$/i;
const ENDS_IN_LETTERS = /\d[-. ]?[A-Z]{4,}$/; // "1-800-FLOWERS"

/**
 * What `text` means as a number to dial, for a tenant in `region` (ISO 3166).
 * Returns {number, dropped} with `dropped` in words if a part was left out, or {why} if there is no number in it.
 */
export function understand(text, region) {
  const plain = plainText(text);
  if (!plain) return { why: "" };
  if (STAR_CODE.test(plain)) return { number: plain, dropped: null };
  const { main, dropped } = withoutExtras(plain);
  if (digitCount(main) === 0) return { why: "There is no number in this." };
  if (ENDS_IN_LETTERS.test(main)) return { why: "Type the digits behind the letters." };
  if (digitCount(main) > LONGEST_NUMBER) return { why: "This is too long to be one phone number." };
  return { number: normalized(main, region), dropped };
}

/** Full-width and Arabic digits, odd dashes, invisible characters and URI schemes, all made plain. */
function plainText(text) {
  const decoded = /^\s*(tel|callto|sips?):/i.test(text) ? decode(text) : text;
  return decoded
    .normalize("NFKC")
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replace(/\p{Cf}/gu, "")
    .replace(/\p{Pd}/gu, "-")
    .replace(/^\s*(tel|callto|sips?):(\/\/)?/i, "")
    .trim();
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % is no reason to refuse the number
  }
}

/** Cuts off what is beside the number: a SIP host, parameters, an extension at the other end, a second number. */
function withoutExtras(plain) {
  const uri = plain.replace(/@.*$/, "").replace(/;(?!ext).*$/i, "");
  const [, main, extension] = uri.match(EXTENSION_BEHIND) ?? [];
  if (extension && digitCount(main) > LONGEST_EXTENSION) return { main, dropped: `extension ${extension} is not dialled` };
  const [first, ...others] = uri.split(/\s*(?:\/|\||\bor\b|\bof\b|\n)\s*/i).filter((part) => digitCount(part) > LONGEST_EXTENSION);
  if (others.length > 0) return { main: first, dropped: "only the first number is dialled" };
  return { main: uri, dropped: null };
}

function digitCount(text) {
  return text.replace(/\D/g, "").length;
}

function normalized(main, region) {
  const prefix = INTERNATIONAL_PREFIX[region] ?? "00";
  const digits = main.replace(/\D/g, "");
  const hasPlus = main.includes("+");
  const isAbroad = hasPlus || (digits.startsWith(prefix) && digits.length > LONGEST_EXTENSION);
  if (!isAbroad) return digits;
  // "+31 (0)20 …": the zero in brackets is only dialled inside the country.
  const international = main.replace("(0)", "").replace(/\D/g, "");
  return `+${hasPlus ? international : international.slice(prefix.length)}`;
}
