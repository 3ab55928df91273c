// Modified Mercalli intensity for people: numeral and word. Its colours are in colours.css, as
// --mmi-1 to --mmi-10, and as the classes mmi-1 to mmi-10.

const WORDS = [ // short descriptions of the USGS
  "Not felt", "Weak", "Weak", "Light", "Moderate", "Strong", "Very strong", "Severe", "Violent", "Extreme",
];
const NUMERALS = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];

/** The class of an intensity, centred on a whole number: 5.4 is V. */
export function classOf(mmi) {
  const degree = Math.min(10, Math.max(1, Math.round(mmi)));
  return { degree, numeral: NUMERALS[degree - 1], word: WORDS[degree - 1] };
}

export const LEGEND = [3, 4, 5, 6, 7, 8, 9, 10].map(classOf);
