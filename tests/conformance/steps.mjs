// What a person may do next in a form, and doing it in the reference engine.
import { isHelper, nodes, place, text } from './compare.mjs';

const WORDS = ['', 'Ani', 'Budi Santoso', '12', '0', 'x y', "it's", '2026-01-05'];
const DAYS = ['', '2026-11-22', '2026-11-21', '2026-12-01', '1990-02-28'];
const TIMES = ['', '10:11:12.000+07:00', '00:00:00.000+07:00', '23:59:59.000+07:00'];
const MOMENTS = ['', '2026-11-22T10:11:12.000+07:00', '2026-01-01T00:00:00.000+07:00', '1990-02-28T23:59:59.000+07:00'];
// Not the point at 0 0, which the reference takes for none.
const POINTS = ['', '-2.13 106.11 0 4.5', '-6.2 106.8 12.5 30'];
// Files have the names that ours keeps them under.
const FILES = ['', 'a'.repeat(64), 'b'.repeat(64)];
const WHOLE = ['', '0', '1', '2', '3', '5', '17', '18', '42', '130', '-1'];
const BROKEN = ['', '0', '0.5', '3.25', '18', '99.9', '-2.5'];

/** What is typed, by the type of the value. */
const TYPED = { string: WORDS, int: WHOLE, decimal: BROKEN, date: DAYS, time: TIMES, dateTime: MOMENTS, geopoint: POINTS };

/** The texts that may be given to a leaf; none where it is not for people. */
function values(node, dice) {
    switch (node.nodeType) {
        case 'select': {
            const names = node.currentState.valueOptions.map((option) => option.value);
            if (names.length === 0) return null;
            if (node.selectType === 'select1') return dice.next() < 0.15 ? '' : dice.one(names);
            return names.filter(() => dice.next() < 0.35).join(' ');
        }
        case 'range':
            return ranged(node, dice);
        case 'input':
            return TYPED[node.valueType] === undefined ? null : dice.one(TYPED[node.valueType]);
        case 'rank': {
            const names = node.currentState.valueOptions.map((option) => option.value);
            return dice.next() < 0.1 ? '' : names.map((name) => [dice.next(), name]).sort(([a], [b]) => a - b).map(([, name]) => name).join(' ');
        }
        case 'upload':
            return named(dice.one(FILES), node);
        case 'trigger':
            return dice.next() < 0.5 ? 'OK' : '';
        default:
            return null;
    }
}

/** A picture is named by its hash alone, other files by theirs and the end of their name. */
const named = (hash, { nodeOptions }) => (hash === '' || nodeOptions.media.type === 'image' ? hash : `${hash}.png`);

/** A value on a range's own steps, or none. */
function ranged(node, dice) {
    const { min, max, step } = node.definition.bounds;
    const [low, high, width] = [min, max, step].map(Number);
    if (![low, high, width].every(Number.isFinite)) return null;
    const value = low + dice.below(Math.floor((high - low) / width) + 1) * width;
    return dice.next() < 0.1 ? '' : String(Number(value.toFixed(6)));
}

/** One thing to do, as a person might; null where there is nothing. */
export function choose(root, dice) {
    const all = nodes(root).filter((node) => node.currentState.relevant && !node.currentState.readonly);
    const repeats = all.filter((node) => node.nodeType === 'repeat-range:uncontrolled' && node.parent.currentState.relevant);
    if (repeats.length > 0 && dice.next() < 0.15) {
        const repeat = dice.one(repeats);
        const count = repeat.currentState.children.length;
        if (count > 1 && dice.next() < 0.4) return { kind: 'remove', node: repeat, at: dice.below(count) };
        if (count < 4) return { kind: 'add', node: repeat };
    }
    const asked = (node) => ['select', 'input', 'range', 'trigger', 'rank', 'upload'].includes(node.nodeType) && !isHelper(place(node));
    const leaves = all.filter(asked);
    if (leaves.length === 0) return null;
    const node = dice.one(leaves);
    const value = values(node, dice);
    return value === null ? { kind: 'pass' } : { kind: 'answer', node, value };
}

let rows = 0;

/** Does it in the reference engine: what ours is to do then, or null where it took nothing. */
export function perform({ kind, node, value, at }) {
    if (kind === 'pass') return null;
    if (kind === 'add') {
        node.addInstances();
        return { add: place(node), row: `r${(rows += 1)}` };
    }
    if (kind === 'remove') {
        node.removeInstances(at);
        return { remove: `${place(node)}[${at + 1}]` };
    }
    try {
        if (node.nodeType === 'select') {
            if (node.selectType === 'select1') node.selectValue(value === '' ? null : value);
            else node.selectValues(value === '' ? [] : value.split(' '));
        } else if (node.nodeType === 'rank') {
            node.setValues(value === '' ? [] : value.split(' '));
        } else if (node.nodeType === 'upload') {
            // The reference gives a file a name of its own; ours is told the same one.
            node.setValue(value === '' ? null : new File(['-'], value, { type: 'image/png' }));
            return { answer: place(node), value: text(node) };
        } else if (node.nodeType === 'trigger') {
            node.setValue(value === 'OK');
        } else if (node.valueType === 'int' || node.valueType === 'decimal') {
            node.setValue(value === '' ? null : node.valueType === 'int' ? BigInt(value) : Number(value));
        } else {
            node.setValue(value);
        }
    } catch {
        return null;
    }
    return { answer: place(node), value };
}
