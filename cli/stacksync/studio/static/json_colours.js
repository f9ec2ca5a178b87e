// Colours for JSON that is only shown, without an element for each word: the browser paints ranges of the text.
// https://developer.mozilla.org/docs/Web/API/CSS_Custom_Highlight_API

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const LONGEST = 200_000; // characters; longer texts stay plain
const KINDS = ["key", "string", "word", "number"];

/** Colour every `<pre class="json">` of the page anew. */
export function colour() {
  if (!CSS.highlights) return;
  const ranges = Object.fromEntries(KINDS.map((kind) => [kind, []]));
  for (const { firstChild: text } of document.querySelectorAll("pre.json")) {
    if (text?.nodeType !== Node.TEXT_NODE || text.length > LONGEST) continue;
    for (const found of text.data.matchAll(TOKEN)) {
      const range = new StaticRange({
        startContainer: text, startOffset: found.index, endContainer: text, endOffset: found.index + (found[1] ?? found[0]).length,
      });
      ranges[kindOf(found)].push(range);
    }
  }
  for (const kind of KINDS) CSS.highlights.set(`json-${kind}`, new Highlight(...ranges[kind]));
}

function kindOf([, quoted, colon, word]) {
  if (quoted) return colon ? "key" : "string";
  return word ? "word" : "number";
}
