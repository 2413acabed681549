// Has axe-core look a page over (https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md): WCAG 2.0 to
// 2.2, A and AA, and good practice; or, where only that can differ, its colours or its sizes. Gives a list of faults.
async (asked) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const rules = { colours: ["color-contrast"], sizes: ["target-size"] }[asked];
  const options = rules
    ? { runOnly: { type: "rule", values: rules } }
    : { runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } } };
  const { violations } = await axe.run(document, { ...options, preload: false, resultTypes: ["violations"] });
  const told = (html) => html.replace(/\s+/g, " ").slice(0, 160);
  const why = ({ any, all, none }) => [...any, ...all, ...none].map((check) => check.message).join("; ");
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${told(node.html)} ${why(node)}`));
}
