// Numbers as the reader writes them. Python writes 1,234.5; where the reader's language has other marks, the page puts
// them in as it shows a text. What is not a single number in a text (a version, a day) stays as it is.

const parts = new Intl.NumberFormat(navigator.language, { numberingSystem: "latn" }).formatToParts(1234567.8);
const mark = (type) => parts.find((part) => part.type === type)?.value ?? "";
const DECIMAL = mark("decimal");
const GROUP = mark("group");
const AS_WRITTEN = DECIMAL === "." && GROUP === ",";

const WORD_WITH_DIGITS = /[\w.,]*\d\w*/g;
const NUMBER = /^(\d{1,3}(,\d{3})+|\d+)(\.\d+)?[a-zA-Z]?$/;

function localised(text) {
  if (AS_WRITTEN) return text;
  return text.replace(WORD_WITH_DIGITS, (word) =>
    NUMBER.test(word) ? word.replace(/[.,]/g, (written) => (written === "." ? DECIMAL : GROUP)) : word,
  );
}
