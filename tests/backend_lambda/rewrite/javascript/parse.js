// Reads a JSON list of scripts from standard input and says what acorn, node's own copy, finds in each; see conftest.py.

const acorn = require("internal/deps/acorn/acorn/dist/acorn");
const scripts = JSON.parse(require("fs").readFileSync(0, "utf8"));

function visit(node, see) {
  if (Array.isArray(node)) return node.forEach((one) => visit(one, see));
  if (!node || typeof node !== "object" || node instanceof RegExp) return undefined;
  if (node.type) see(node);
  for (const key in node) visit(node[key], see);
  return undefined;
}

const isMeta = (node) => node.type === "MetaProperty" && node.meta.name === "import";
const isResolve = ({ type, callee }) =>
  type === "CallExpression" && callee.type === "MemberExpression" && isMeta(callee.object) && callee.property.name === "resolve";

function find(text, sourceType) {
  const literals = [], specifiers = [];
  let signs = false;
  const onToken = ({ type, start, end }) => {
    if (type.label === "string" || type.label === "regexp") literals.push([type.label.slice(0, 6), start, end]);
  };
  const onComment = (isBlock, content, start, end) => literals.push(["comment", start, end]);
  const specifier = (node) => {
    const isPlain = node?.type === "TemplateLiteral" && !node.expressions.length;
    if (isPlain || typeof node?.value === "string") specifiers.push([node.start + 1, node.end - 1]);
  };
  const program = acorn.parse(text, { ecmaVersion: "latest", sourceType, onToken, onComment });
  visit(program, (node) => {
    if (/^(?:Import|Export)[A-Za-z]*Declaration$/.test(node.type)) {
      signs = true;
      if (node.source) specifier(node.source);
    } else if (node.type === "ImportExpression") specifier(node.source);
    else if (isMeta(node)) signs = true;
    else if (isResolve(node) && node.arguments.length) specifier(node.arguments[0]);
  });
  const inOrder = (one, other) => one.at(-1) - other.at(-1);
  return { literals: literals.sort(inOrder), specifiers: specifiers.sort(inOrder), is_module: sourceType === "module", signs };
}

const found = scripts.map((text) => {
  for (const sourceType of ["script", "module"]) {
    try {
      return find(text, sourceType);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return null;
});
process.stdout.write(JSON.stringify(found));
