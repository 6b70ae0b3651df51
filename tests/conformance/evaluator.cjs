// Stands in for the engine that openrosa-xpath-evaluator's tests are written for: documents and expressions go to
// Loket's evaluator, a process that answers a line of JSON for each.
const { connect } = require('./pipe.cjs');

const ask = connect(process.env.LOKET_XPATH);

const KINDS = { 9: 0, 1: 1, 2: 2, 3: 3, 4: 3, 8: 4, 7: 5 };

/** Every node of the tree around `node` in document order, as the evaluator wants it. */
function flattened(node) {
    const nodes = [];
    const rows = [];
    const add = (at, parent) => {
        const kind = KINDS[at.nodeType];
        if (kind === undefined) return;
        const place = nodes.push(at) - 1;
        const local = at.localName ?? '';
        rows.push([kind, parent, kind === 0 || kind === 3 || kind === 4 ? '' : at.nodeName, local, at.namespaceURI ?? '', at.nodeValue ?? '']);
        for (const attribute of at.attributes ?? []) {
            if (attribute.namespaceURI !== 'http://www.w3.org/2000/xmlns/') add(attribute, place);
        }
        for (const child of at.childNodes ?? []) add(child, place);
    };
    let top = node.nodeType === 2 ? node.ownerElement ?? node : node;
    while (top.parentNode) top = top.parentNode;
    add(top, null);
    return { nodes, rows };
}

const pad = (number, length = 2) => String(number).padStart(length, '0');

function clock() {
    const now = new Date();
    const today = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
    const west = now.getTimezoneOffset();
    const offset = `${west > 0 ? '-' : '+'}${pad(Math.floor(Math.abs(west) / 60))}:${pad(Math.abs(west) % 60)}`;
    const time = `${pad(now.getHours())}:${pad(now.getMinutes())}:${pad(now.getSeconds())}.${pad(now.getMilliseconds(), 3)}`;
    return { today, now: `${today}T${time}${offset}` };
}

function prefixesOf(expression, resolver) {
    const prefixes = { xml: 'http://www.w3.org/XML/1998/namespace' };
    const plain = expression.replace(/"[^"]*"|'[^']*'/g, '""');
    for (const [, prefix] of plain.matchAll(/([\p{L}_][\p{L}\p{N}_.-]*):(?=[\p{L}_*])/gu)) {
        const lookUp = resolver?.lookupNamespaceURI?.bind(resolver) ?? resolver;
        const uri = prefixes[prefix] ?? (typeof lookUp === 'function' ? lookUp(prefix) : null);
        if (!uri) throw new Error(`no namespace is called ${prefix}`);
        prefixes[prefix] = uri;
    }
    return prefixes;
}

const CASTS = { string: (text) => text, number: Number, boolean: (text) => text !== '' && text !== 'false' };
const RETURNS = ['boolean', 'number', 'string', 'date'];
const OWN = new Set(['cos', 'sin', 'pi', 'if', 'concat', 'date', 'number', 'string', 'round', 'sum', 'count']);

/** What a test of the package calls instead of its own engine. */
module.exports = function OpenRosaXPath() {
    const foreign = new Map();

    function answered(expression, node, resolver) {
        const { nodes, rows } = node ? flattened(node) : { nodes: [], rows: [] };
        const question = {
            expression,
            nodes: rows,
            context: node ? nodes.indexOf(node) : null,
            prefixes: prefixesOf(expression, resolver),
            answers: [],
            chance: Math.floor(Math.random() * Number.MAX_SAFE_INTEGER),
            ...clock(),
        };
        for (;;) {
            const answer = ask(question);
            if (answer.error) throw new Error(answer.error);
            if (!answer.asks) return { ...answer, nodes: answer.nodes?.map((at) => nodes[at]) };
            const { name, arguments: texts } = answer.asks;
            if (!foreign.has(name)) throw new Error(`there is no function ${name}`);
            question.answers.push(foreign.get(name)(texts));
        }
    }

    function evaluate(expression, node, resolver, wanted) {
        const answer = answered(expression, node, resolver);
        const number = { inf: Infinity, '-inf': -Infinity }[answer.number] ?? Number(answer.number);
        const { text: stringValue, boolean: booleanValue } = answer;
        const natural = { text: 2, number: 1, boolean: 3, nodes: 4 }[answer.type];
        const resultType = wanted || natural;
        if (resultType === 1) return { resultType, stringValue, numberValue: number };
        if (resultType === 2) return { resultType, stringValue };
        if (resultType === 3) return { resultType, stringValue, booleanValue };
        if (!answer.nodes) throw new Error('the expression comes to no nodes');
        let next = 0;
        return {
            resultType,
            singleNodeValue: answer.nodes[0] ?? null,
            snapshotLength: answer.nodes.length,
            snapshotItem: (at) => answer.nodes[at] ?? null,
            iterateNext: () => answer.nodes[next++] ?? null,
        };
    }

    /** A host's own functions, with the checks and the words that the package's tests ask for. */
    function add(name, { fn, args, ret }) {
        if (OWN.has(name) || foreign.has(name)) throw new Error(`There is already a function with the name: '${name}'`);
        const strange = args.filter((argument) => !(argument.t in CASTS)).map((argument) => `'${argument.t}'`);
        if (strange.length) throw new Error(`Unsupported arg type(s): ${strange.join(',')}`);
        if (!RETURNS.includes(ret)) throw new Error(`Unsupported return type: '${ret}'`);
        foreign.set(name, (texts) => {
            if (texts.length !== args.length) {
                throw new Error(`Function "${name}" expected ${args.length} arg(s), but got ${texts.length}`);
            }
            return String(fn(...texts.map((text, place) => CASTS[args[place].t](text))));
        });
    }

    return { evaluate, customXPathFunction: { add } };
};
