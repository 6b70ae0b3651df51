// The state of both engines by path, and where it differs.

/** `/data/group/rep[1]/q` without the form's own name. */
export const place = (node) => node.currentState.reference.split('/').slice(2).join('/');

const ENTITIES = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };

/** What would be sent of a leaf. */
export function text(node) {
    const xml = node.instanceState.instanceXML;
    const inner = /^<[^>]*[^/]>([\s\S]*)<\/[^>]*>$/.exec(xml.trim())?.[1] ?? '';
    return inner.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity]);
}

const isLeaf = (node) => !['root', 'group', 'repeat-instance', 'repeat-range:controlled', 'repeat-range:uncontrolled'].includes(node.nodeType);

/** Nodes that pyxform makes for the look of a page and for repeat counts; no row of a workbook stands behind them. */
export const isHelper = (path) => /(generated_table_list_label_\d+|reserved_name_for_field_list_labels_\d+|_count)$/.test(path);

/** Every node of the form itself. */
export function nodes(root) {
    const found = [];
    const open = [...(root.currentState.children ?? [])];
    while (open.length) {
        const node = open.shift();
        found.push(node);
        open.push(...(node.currentState.children ?? []));
    }
    const own = (path) => path !== 'meta' && !path.startsWith('meta/');
    return found.filter((node) => own(place(node)));
}

/** Repeats that people add rows to, and how many rows each has. */
export function rowsOf(root) {
    const free = nodes(root).filter((node) => node.nodeType === 'repeat-range:uncontrolled');
    return free.map((node) => ({ repeat: place(node), count: node.currentState.children.length }));
}

/** The reference's state, as ours is told. */
export function reference(root) {
    const state = {};
    for (const node of nodes(root)) {
        const { relevant, required, valueOptions } = node.currentState;
        if (node.nodeType.startsWith('repeat-range')) continue;
        if (!isLeaf(node)) {
            state[place(node)] = [relevant];
            continue;
        }
        const violation = node.validationState.violation?.condition ?? '';
        const choices = node.nodeType === 'select' || node.nodeType === 'rank' ? valueOptions.map((option) => option.value) : null;
        state[place(node)] = [relevant, text(node), relevant && required, relevant ? violation : '', choices];
    }
    return state;
}

/** The same, also where one is `18` and the other `18.0`, each number of a place for itself. */
function alike(kind, left, right) {
    if (JSON.stringify(left ?? null) === JSON.stringify(right ?? null)) return true;
    if (kind !== 'value' || typeof left !== 'string' || typeof right !== 'string') return false;
    const [lefts, rights] = [left.split(' '), right.split(' ')];
    const number = (word, at) => word !== '' && rights[at] !== '' && Number(word) === Number(rights[at]);
    return lefts.length === rights.length && lefts.every(number);
}

const KINDS = ['relevant', 'value', 'required', 'problem', 'choices'];

/** Where the two differ. Nothing but that is compared of what is not relevant. */
export function differences(theirs, ours) {
    const found = [];
    for (const at of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
        if (!(at in ours) || !(at in theirs)) {
            found.push({ kind: at in theirs ? 'only in the reference' : 'only in ours', place: at, theirs: theirs[at], ours: ours[at] });
            continue;
        }
        const both = theirs[at][0] && ours[at][0];
        KINDS.forEach((kind, index) => {
            const [left, right] = [theirs[at][index], ours[at][index]];
            if ((index === 0 || both) && !alike(kind, left, right)) {
                found.push({ kind, place: at, theirs: left, ours: right });
            }
        });
    }
    return found;
}
