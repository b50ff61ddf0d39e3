// Every text for people is in the message catalogue, in every language, and every message is used.

import ts from "typescript";
import { expect, it } from "vitest";

const SOURCES = import.meta.glob<string>(
  ["../**/*.{ts,tsx}", "!../**/*.test.ts", "!../**/test-*.ts", "!../**/*.d.ts"],
  {
    query: "?raw",
    import: "default",
    eager: true,
  },
);
const PAGES = Object.values(
  import.meta.glob<string>("../../*.html", { query: "?raw", import: "default", eager: true }),
);
const isCatalogue = (path: string) => path.startsWith("./");
const areaOf = (path: string) => path.replace(/^\.\/\w+\//, "").replace(".ts", "");

const TIMEOUT_MS = 60_000; // for parsing all files on a busy machine

/** Attributes and properties whose value people read or hear. */
const TEXTS =
  /^(action|alt|hint|label|lead|placeholder|text|title|aria-(description|label|roledescription|valuetext))$/;
/** Functions whose first argument people read or hear. */
const SPEAKERS = /^(announce|toast|Problem)$/;
const WORD = /\p{L}{2}/u;
/** Two words, or one with a capital letter, also before a value. */
const SENTENCE = /\p{L}{2}[,.:;!?]? \p{L}|^\p{Lu}\p{Ll}+([….]?$| …)/u;
const NO_TEXTS = /^(class|autocomplete|d|preserveAspectRatio)$/;

/** The name of the product, queries, names of formats and keys, and what only programs read. */
const ALLOWED: ReadonlySet<string> = new Set([
  ...["PixTag", "Bearer …", "Deutsch", "English", "dog", "stop sign:2..5", "https://…"],
  ...["Alt ← →", "Ctrl A", "Delete", "End", "Enter", "Escape", "Home", "Home End", "PageUp PageDown", "Tab"],
  ...["Files", "Link", "Problem", "noopener noreferrer", "stage-area drawing", "stage-area zoomed"],
  ...["input, textarea, select", "(any-pointer: coarse)", "(prefers-reduced-motion: reduce)"],
]);

function textOf(node: ts.Node): string | null {
  if (ts.isJsxText(node) || ts.isStringLiteralLike(node)) {
    return node.text.trim().replace(/\s+/g, " ");
  }
  return ts.isTemplateExpression(node)
    ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("…")
    : null;
}

/** Return the name of the attribute, property or function that a value belongs to; empty if there is none. */
function ownerOf(node: ts.Node): string {
  const { parent } = node;
  if (ts.isJsxAttribute(parent) || ts.isPropertyAssignment(parent)) {
    return parent.name.getText().replaceAll('"', "");
  }
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
    return parent.arguments?.[0] === node ? parent.expression.getText() : "";
  }
  const isPassedOn =
    ts.isJsxExpression(parent) ||
    ts.isParenthesizedExpression(parent) ||
    ts.isBinaryExpression(parent) ||
    (ts.isConditionalExpression(parent) && parent.condition !== node);
  return isPassedOn ? ownerOf(parent) : "";
}

function isText(node: ts.Node, text: string): boolean {
  const owner = ownerOf(node);
  if (NO_TEXTS.test(owner) || ts.isLiteralTypeNode(node.parent) || ALLOWED.has(text)) {
    return false;
  }
  return SENTENCE.test(text) || ((ts.isJsxText(node) || TEXTS.test(owner) || SPEAKERS.test(owner)) && WORD.test(text));
}

/** Return the texts of a source file that people read. */
function findTexts(path: string, source: string): readonly string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      return;
    }
    const text = textOf(node);
    if (text !== null && isText(node, text)) {
      texts.push(`${path}: ${text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return texts;
}

/** Return the messages of an area that no file uses. */
function findUnused(path: string, source: string): readonly string[] {
  const area = areaOf(path);
  const isSibling = (other: string) => isCatalogue(other) && other.split("/")[1] === path.split("/")[1];
  const used = Object.entries(SOURCES).flatMap(([other, text]) => {
    const isUser = text.includes(`"#messages/${area}"`) || (isSibling(other) && text.includes(`"./${area}"`));
    return isUser || other === path ? [text.replace(/^export (const|function) \w+/gm, "")] : [];
  });
  if (area === "pages") {
    used.push(...PAGES);
  }
  const names = [...source.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
  return names
    .filter((name) => !used.some((text) => new RegExp(`\\b${name}\\b`).test(text)))
    .map((name) => `${path}: ${name}`);
}

/** Messages that are the same in German: names of keys, queries, and source text. */
const SAME_MESSAGES: ReadonlySet<string> = new Set([
  ...["albums: keyAlt", "alerts: exampleQueries", "app: titleOf", "dates: inUtc", "duplicates: facts"],
  ...["empty-library: stepQuery", "empty-library: stepTag", "formats: formatDuration", "formats: plural"],
  ...["keys: curlExample", "keys: pythonExample", "photo: iso", "shortcuts: keyEscape"],
]);
/** Words that are the same in German. */
const SAME_WORDS = /^(Album|Code|Export|Link|Name|Name \(optional\)|Zoom)$/;

interface Message {
  /** `trash: emptyTrash`. */
  readonly name: string;
  readonly texts: readonly string[];
}

/** Return the messages of a language with their texts. */
function messagesOf(language: string): ReadonlyMap<string, Message> {
  const areas = Object.entries(SOURCES).filter(([path]) => path.startsWith(`./${language}/`));
  return new Map(
    areas.flatMap(([path, source]) =>
      findMessages(source).map(({ name, texts }) => {
        const fullName = `${areaOf(path)}: ${name}`;
        return [fullName, { name: fullName, texts }] as const;
      }),
    ),
  );
}

/** Return the exported messages of a source file. */
function findMessages(source: string): readonly Message[] {
  const file = ts.createSourceFile("a.ts", source, ts.ScriptTarget.Latest, true);
  return file.statements.flatMap((statement) => {
    const modifiers = (ts.canHaveModifiers(statement) && ts.getModifiers(statement)) || [];
    const kinds = modifiers.map(({ kind }) => kind);
    // A default export is no message, but a part of one that is loaded later.
    if (!kinds.includes(ts.SyntaxKind.ExportKeyword) || kinds.includes(ts.SyntaxKind.DefaultKeyword)) {
      return [];
    }
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.map((each) => ({
        name: each.name.getText(),
        texts: each.initializer ? textsIn(each.initializer) : [],
      }));
    }
    return ts.isFunctionDeclaration(statement) ? [{ name: statement.name?.text ?? "", texts: textsIn(statement) }] : [];
  });
}

/** Return all pieces of text with a word. */
function textsIn(node: ts.Node): readonly string[] {
  if (ts.isLiteralTypeNode(node)) {
    return [];
  }
  const pieces = ts.isTemplateExpression(node)
    ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]
    : [ts.isStringLiteralLike(node) ? node.text : ""];
  const inside: string[] = [];
  ts.forEachChild(node, (child) => {
    inside.push(...textsIn(child));
  });
  return [...pieces.map((piece) => piece.trim()).filter((piece) => WORD.test(piece)), ...inside];
}

/** Return the German messages that have a text of their English ones. */
function findUntranslated(
  english: ReadonlyMap<string, Message>,
  german: ReadonlyMap<string, Message>,
): readonly string[] {
  const translated = [...german.values()].filter(({ name }) => !SAME_MESSAGES.has(name));
  return translated.flatMap(({ name, texts }) => {
    const originals = english.get(name)?.texts ?? [];
    return texts.filter((text) => originals.includes(text) && !SAME_WORDS.test(text)).map((text) => `${name}: ${text}`);
  });
}

it(
  "texts are in the catalogue",
  () => {
    const others = Object.entries(SOURCES).filter(([path]) => !isCatalogue(path));

    expect(others.flatMap(([path, source]) => findTexts(path, source))).toEqual([]);
  },
  TIMEOUT_MS,
);

it(
  "messages are used",
  () => {
    const areas = Object.entries(SOURCES).filter(([path]) => /^\.\/(en|de)\//.test(path));

    expect(areas.length).toBeGreaterThan(0);
    expect(areas.flatMap(([path, source]) => findUnused(path, source))).toEqual([]);
  },
  TIMEOUT_MS,
);

it("German has the same messages as English", () => {
  const [english, german] = [messagesOf("en"), messagesOf("de")];

  expect(english.size).toBeGreaterThan(500);
  expect({
    missing: [...english.keys()].filter((name) => !german.has(name)),
    extra: [...german.keys()].filter((name) => !english.has(name)),
  }).toEqual({ missing: [], extra: [] });
});

it("German messages are not in English", () => {
  expect(findUntranslated(messagesOf("en"), messagesOf("de"))).toEqual([]);
});

it.each([
  ['export const a = "Save it"', "Save it"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
  ["export const a = (n: number) => `${n} is saved`", "is saved"],
  ['export const a = (n: number) => plural(n, "photo", "photos")', "photo"],
  ['export const a = { light: "Light" } as const', "Light"],
])("%s is in English", (source, text) => {
  const messages = new Map(findMessages(source).map((message) => [message.name, message]));

  expect(findUntranslated(messages, messages)).toContain(`a: ${text}`);
});

it.each([
  ["<p>Saved</p>", "Saved"],
  ['<Field label="name" />', "name"],
  ["<img alt={isLost ? messages.lost : `photo`} />", "photo"],
  ['toast("gone")', "gone"],
  ['new Problem(isFull ? "full" : "")', "full"],
  ['const names = ["Light"]', "Light"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
  ["const text = `${name} was not found`", "… was not found"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
  ["<Button name={`Delete ${name}`} />", "Delete …"],
])("%s is no message of the catalogue", (source, text) => {
  expect(findTexts("a.tsx", source)).toEqual([`a.tsx: ${text}`]);
});

it.each([
  '<p class="page lead">{messages.saved}</p>',
  '<p class={isOpen ? "menu open" : "menu"}>{count}</p>',
  "toast(messages.saved(name))",
  'import { a } from "two words"',
  'type Words = "two words"',
  'event.key === "Enter"',
])("%s has no text", (source) => {
  expect(findTexts("a.tsx", source)).toEqual([]);
});
