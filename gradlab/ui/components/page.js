// @ts-check

let begun = false; // it listens once, for all pages

export default function () {
  if (begun) return;
  begun = true;
  forPaper();
  forFingers();
  forTables();
}
