// The sentences that scripts say, in the language of the page: script_words.html has them.

const places = /\{(\w+)\}/g;
const kinds = new Intl.PluralRules(document.documentElement.lang || "en");
const kept = new Map();

function read() {
  for (const word of document.getElementById("words")?.content.querySelectorAll("[data-word]") ?? []) {
    kept.set(word.dataset.word, word.dataset);
  }
}

// `values` fill the places of a sentence; one called `num` chooses between its forms.
export function say(name, values = {}) {
  if (!kept.size) read();
  const forms = kept.get(name);
  if (!forms) throw new Error(`no words for ${name}`);
  const form = "num" in values ? forms[kinds.select(values.num)] ?? forms.other : forms.text;
  return form.replace(places, (_, place) => String(values[place]));
}
