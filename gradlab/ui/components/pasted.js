// @ts-check
// Streamlit's uploader takes files that are dropped or chosen. A pasted picture is given to it as a chosen one.

const UPLOADER = "[data-testid=stFileUploaderDropzoneInput]";

/** @param {ClipboardEvent} event */
function give(event) {
  const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
  const all = [...document.querySelectorAll(UPLOADER)], input = all.at(-1); // a dialog stands behind the page
  if (!files.length || !(input instanceof HTMLInputElement)) return;
  event.preventDefault();
  const given = new DataTransfer();
  for (const file of files) given.items.add(file);
  input.files = given.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export default () => {
  document.addEventListener("paste", give);
  return () => document.removeEventListener("paste", give);
};
