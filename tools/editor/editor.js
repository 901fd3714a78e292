/* An editor of Python code in the place of a block of it. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tagHighlighter, tags as t } from "@lezer/highlight";

// The classes of Pygments, so that the page's own colours hold, light and dark.
const pygments = tagHighlighter([
  { tag: [t.keyword, t.controlKeyword, t.definitionKeyword, t.self], class: "k" },
  { tag: t.moduleKeyword, class: "kn" },
  { tag: t.operatorKeyword, class: "ow" },
  { tag: [t.bool, t.null], class: "kc" },
  { tag: [t.string, t.special(t.string)], class: "s2" },
  { tag: t.number, class: "mi" },
  { tag: t.comment, class: "c1" },
  { tag: t.meta, class: "nd" },
  { tag: t.function(t.definition(t.variableName)), class: "nf" },
  { tag: [t.className, t.definition(t.className)], class: "nc" },
  { tag: t.operator, class: "o" },
  { tag: t.punctuation, class: "p" },
]);

const look = EditorView.theme({
  "&.cm-focused": { outline: "2px solid var(--pst-color-primary)" },
  ".cm-content": { padding: "0", fontFamily: "inherit", caretColor: "var(--pst-color-text-base)" },
  ".cm-line": { padding: "0 1rem" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "inherit" },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": {
    background: "none",
    outline: "1px solid currentColor",
  },
});

let count = 0;

export function edit(pre, { label, hint, beside, point, run, changed }) {
  const ident = `live-hint-${++count}`;
  const text = pre.textContent.replace(/\n$/, "");
  const runs = () => (run(), true);
  const view = new EditorView({
    state: EditorState.create({
      doc: text,
      extensions: [
        history(),
        pythonLanguage,
        indentUnit.of("    "),
        indentOnInput(),
        bracketMatching(),
        syntaxHighlighting(pygments),
        look,
        keymap.of([
          { key: "Ctrl-Enter", run: runs },
          { key: "Cmd-Enter", run: runs },
          { key: "Shift-Enter", run: runs },
          ...defaultKeymap,
          ...historyKeymap,
          indentWithTab, // Escape, then Tab, leaves: CodeMirror's own way out
        ]),
        EditorView.contentAttributes.of({
          "aria-label": label,
          "aria-describedby": ident,
          autocapitalize: "off",
          spellcheck: "false",
        }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) changed(state.doc.toString());
        }),
      ],
    }),
  });
  // As the block that it takes the place of.
  const { fontFamily, fontSize, lineHeight, paddingTop } = getComputedStyle(pre);
  Object.assign(view.dom.style, { fontFamily, fontSize, lineHeight, paddingBlock: paddingTop });
  const told = Object.assign(document.createElement("p"), {
    id: ident,
    className: "live-hint",
    textContent: hint,
  });
  pre.hidden = true;
  pre.after(view.dom);
  beside.append(told);
  const position = point && view.posAtCoords(point);
  if (position) view.dispatch({ selection: { anchor: position } });
  view.focus();
  return {
    focus: () => view.focus(),
    close() {
      view.destroy();
      told.remove();
      pre.hidden = false;
    },
  };
}
