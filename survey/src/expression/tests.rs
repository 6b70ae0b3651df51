//! What expressions mean, over a flat tree of questions `a`, `b`, ... with texts as values.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::instrument::NodeId;
use crate::shuffle::{seed_of, shuffled};

struct Flat {
    values: Vec<&'static str>,
    clock: Clock,
}

impl Tree for Flat {
    type Node = usize;

    const MANNER: Manner = Manner::JavaRosa;

    fn here(&self) -> Option<usize> {
        Some(0)
    }
    fn up(&self, _: u8) -> Option<usize> {
        None
    }
    fn select(&self, reference: NodeId) -> Vec<usize> {
        // The node 9 stands for all of them, as in a repeat.
        if reference.0 == 9 { (0..self.values.len()).collect() } else { vec![reference.0 as usize] }
    }
    fn in_rows(&self, _: NodeId, rows: &[(NodeId, usize)]) -> Option<usize> {
        rows.first()?.1.checked_sub(1)
    }
    fn value(&self, node: usize) -> Value<usize> {
        Value::Text(self.values.get(node).copied().unwrap_or("").to_owned())
    }
    fn position(&self, node: usize) -> usize {
        node + 1
    }
    fn choice_label(&self, _: NodeId, name: &str) -> Option<String> {
        Some(name.to_uppercase())
    }
    fn column(&self, name: &str) -> Option<Cow<'_, str>> {
        (name == "city").then_some(Cow::Borrowed("bontang"))
    }
    fn clock(&self) -> &Clock {
        &self.clock
    }
    fn random(&self) -> u64 {
        0x0123_4567_89ab_cdef
    }
    fn parent(&self, _: usize) -> Option<usize> {
        None
    }
    fn children(&self, _: usize) -> Vec<usize> {
        Vec::new()
    }
    fn name(&self, _: usize) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
    fn place(&self, node: usize) -> Vec<usize> {
        vec![node]
    }
}

struct Letters;

impl Scope for Letters {
    fn reference(&self, name: &str) -> Result<NodeId, ScopeError> {
        match name {
            "a" => Ok(NodeId(0)),
            "b" => Ok(NodeId(1)),
            "c" => Ok(NodeId(2)),
            "all" => Ok(NodeId(9)),
            _ => NoNames.reference(name),
        }
    }
    fn path(&self, absolute: bool, steps: &[PathStep]) -> Result<NodeId, ScopeError> {
        match steps {
            [PathStep::Up, PathStep::Child(name)] => self.reference(name),
            _ => NoNames.path(absolute, steps),
        }
    }
    fn has_columns(&self) -> bool {
        true
    }
}

fn value(text: &str, values: [&'static str; 3]) -> String {
    let clock = Clock { today: "2026-11-22".into(), now: "2026-11-22T10:11:12.000+07:00".into(), chance: 7 };
    let expression = Expression::parse(text, &Letters).unwrap_or_else(|error| panic!("{text}: {error}"));
    let again: Expression = serde_json::from_str(&serde_json::to_string(&expression).unwrap()).unwrap();
    assert_eq!(again, expression, "{text} is the same after being stored");
    expression.text_over(&Flat { values: values.to_vec(), clock })
}

fn check(values: [&'static str; 3], cases: &[(&str, &str)]) {
    for (text, wanted) in cases {
        assert_eq!(value(text, values), *wanted, "{text}");
    }
}

#[test]
fn operators_bind_as_in_xpath() {
    let cases = [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"),
        ("7 mod 3", "1"),
        ("-7 mod 3", "-1"),
        ("7 div 2", "3.5"),
        ("1 div 0", "Infinity"),
        ("- - 2", "2"),
        ("1 < 2 and 2 < 3 or 1 div 0 = 0", "true"),
        ("1 = 1 = 'true'", "true"),
        ("2 >= 2", "true"),
        ("2 != 2", "false"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("${a} - ${b}", "1"),
        ("${a}*${b}", "6"),
    ];
    check(["3", "2", ""], &cases);
}

#[test]
fn blank_is_no_number_and_equals_only_blank() {
    let cases = [
        ("${a} = ''", "true"),
        ("${a} != ''", "false"),
        ("${a} > 18", "false"),
        ("${a} < 18", "false"),
        ("${a} = 0", "false"),
        ("${a} + 1", ""),
        ("number('')", ""),
        ("coalesce(${a}, 'x')", "x"),
        ("string-length(${a})", "0"),
        ("sum(${all})", "7"),
        ("min(${all})", "3"),
        ("max(${all})", "4"),
        ("count(${all})", "3"),
        ("count-non-empty(${all})", "2"),
        ("max(${a})", ""),
        ("boolean(${a})", "false"),
    ];
    check(["", "3", "4"], &cases);
}

#[test]
fn text_functions_follow_odk() {
    let cases = [
        ("concat('a', 1, ${b})", "a1two words"),
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', -3)", "llo"),
        ("substr('é€x', 1, 2)", "€"),
        ("contains(${b}, 'wo w')", "true"),
        ("starts-with(${b}, 'two')", "true"),
        ("ends-with(${b}, 'ds')", "true"),
        ("normalize-space('  a   b ')", "a b"),
        ("translate('abc', 'ab', 'x')", "xc"),
        ("regex('+62 812', '[+]62 [0-9]{3}')", "true"),
        ("regex('0812x', '[0-9]+')", "false"),
        ("join(', ', ${all})", "1, two words, "),
        ("substring-before('2026-11', '-')", "2026"),
        ("substring-after('2026-11', '-')", "11"),
        ("string(1.50)", "1.5"),
        ("“curly” = 'curly'", "true"),
        ("../b", "two words"),
        ("city = 'bontang'", "true"),
    ];
    check(["1", "two words", ""], &cases);
}

#[test]
fn choices_are_names_between_blanks() {
    let cases = [
        ("selected(${a}, 'ramp')", "true"),
        ("selected(${a}, 'ram')", "false"),
        ("selected-at(${a}, 1)", "toilet"),
        ("selected-at(${a}, 9)", ""),
        ("count-selected(${a})", "2"),
        ("jr:choice-name(${b}, '${b}')", "DUKCAPIL"),
        ("if(selected(${a}, 'toilet'), 'yes', 1 div 0)", "yes"),
    ];
    check(["ramp toilet", "dukcapil", ""], &cases);
}

#[test]
fn numbers_round_as_in_odk() {
    let cases = [
        ("round(2.5)", "3"),
        ("round(-2.5)", "-2"),
        ("round(2.345, 2)", "2.35"),
        ("round(1234, -2)", "1200"),
        ("int(-2.7)", "-2"),
        ("abs(-3)", "3"),
        ("pow(2, 10)", "1024"),
        ("floor(-1.5)", "-2"),
        ("ceiling(1.2)", "2"),
        ("number('1e3')", ""),
        ("number(' 12 ')", "12"),
        ("100000000 * 100000000", "10000000000000000"),
        ("checklist(1, 2, true(), false(), 'x')", "true"),
    ];
    check(["", "", ""], &cases);
}

#[test]
fn numbers_reach_beyond_sums() {
    let cases = [
        ("round(pi(), 4)", "3.1416"),
        ("round(atan2(1, 1) * 4, 4)", "3.1416"),
        ("sqrt(16)", "4"),
        ("exp10(2)", "100"),
        ("round(log(exp(2)), 6)", "2"),
        ("round(log10(1000), 6)", "3"),
        ("round(sin(0) + cos(0) + tan(0), 6)", "1"),
        ("weighted-checklist(5, 7, true(), 4, false(), 9, 'x', 2)", "true"),
        ("weighted-checklist(7, -1, true(), 4, 'x', 2)", "false"),
        ("round(-1.475, 2)", "-1.47"),
        ("round(-50.55, -2)", "0"),
    ];
    check(["", "", ""], &cases);
}

#[test]
fn hashes_codes_and_signatures_are_as_published() {
    let cases = [
        ("digest('abc', 'MD5', 'hex')", "900150983cd24fb0d6963f7d28e17f72"),
        ("digest('abc', 'SHA-1', 'hex')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("digest('abc', 'SHA-256')", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ("string-length(digest('abc', 'SHA-384', 'hex'))", "96"),
        ("substr(digest('abc', 'SHA-512', 'hex'), 0, 8)", "ddaf35a1"),
        ("base64-decode('aMOp')", "hé"),
        ("base64-decode('aMOpIQ==')", "hé!"),
        ("extract-signed('nonsense', 'nonsense')", ""),
        ("string-length(uuid(7))", "7"),
        ("string-length(uuid())", "36"),
    ];
    check(["", "", ""], &cases);
}

#[test]
fn a_message_is_extracted_only_where_its_key_signed_it() {
    use base64ct::{Base64, Encoding};
    use ed25519_dalek::{Signer, SigningKey};
    let key = SigningKey::from_bytes(&[7; 32]);
    let mut content = key.sign(b"antrean 12").to_bytes().to_vec();
    content.extend_from_slice(b"antrean 12");
    let public = Base64::encode_string(key.verifying_key().as_bytes());
    let other = Base64::encode_string(SigningKey::from_bytes(&[8; 32]).verifying_key().as_bytes());
    let extracted = |key: &str| {
        value(&format!("extract-signed('{}', '{key}')", Base64::encode_string(&content)), ["", "", ""])
    };
    assert_eq!(extracted(&public), "antrean 12");
    assert_eq!(extracted(&other), "");
}

#[test]
fn places_are_measured_and_compared() {
    let square = "'0 0 0 0; 0 1 0 0; 1 1 0 0; 1 0 0 0; 0 0 0 0'";
    let cases = [
        ("round(distance('0 0; 0 1'), 2)", "111318.85"),
        ("round(distance('0 0', '0 1'), 2)", "111318.85"),
        ("area('0 0; 0 1')", "0"),
        ("area('91 0; 0 1; 1 1')", ""),
        ("intersects('0 0; 1 1; 1 0; 0 1')", "true"),
        ("intersects('0 0; 1 1; 1 2; 0 3')", "false"),
    ];
    check(["", "", ""], &cases);
    assert_eq!(value(&format!("round(area({square}) div 1000000)"), ["", "", ""]), "12391");
    assert_eq!(value(&format!("geofence('0.5 0.5 0 0', {square})"), ["", "", ""]), "true");
    assert_eq!(value(&format!("geofence('0.5 1.5 0 0', {square})"), ["", "", ""]), "false");
    assert_eq!(value(&format!("intersects({square})"), ["", "", ""]), "false", "a shape may close");
}

#[test]
fn a_seed_shuffles_as_in_javarosa() {
    let shuffle = |seed: i64| shuffled("ABCDEF".chars().collect(), seed).into_iter().collect::<String>();
    for (seed, wanted) in [(42, "AFCBDE"), (-42, "EDAFBC"), (1, "BFEACD"), (11_111_111, "ACDBFE")] {
        assert_eq!(shuffle(seed), wanted, "{seed}");
    }
    assert_eq!(seed_of("42.9"), 42);
    assert_ne!(seed_of("a"), seed_of("b"));
}

#[test]
fn days_compare_and_count() {
    let cases = [
        ("today()", "2026-11-22"),
        ("${a} < today()", "true"),
        ("${a} <= '2026-11-21'", "true"),
        ("today() - ${a}", "1"),
        ("date(number('1970-01-02'))", "1970-01-02"),
        ("date(today() + 40)", "2027-01-01"),
        ("format-date(${a}, '%e %b %Y, %a')", "21 Nov 2026, Sat"),
        ("format-date-time(now(), '%H:%M')", "10:11"),
        ("decimal-date-time('1970-01-02T07:00:00.000+07:00')", "1"),
        ("decimal-time('06:00:00.000+07:00')", "0.25"),
        ("decimal-time('2026-11-21T05:00:00.000Z')", "0.5"),
        ("date-time('2026-11-21T20:00:00.000Z')", "2026-11-22T03:00:00.000+07:00"),
        ("format-date('2026-11-21T20:00:00.000Z', '%Y-%m-%d')", "2026-11-22"),
        ("date('2026-1-2')", "2026-01-02"),
        ("number('2026-02-30')", ""),
        ("date('garbage')", ""),
        ("int((today() - date('2000-11-23')) div 365.25)", "25"),
    ];
    check(["2026-11-21", "", ""], &cases);
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let cases = [
        ("", "at character 1: the expression is empty"),
        ("1 +", "at character 4: the expression ends where a value should follow"),
        ("foo(1)", "at character 1: there is no function `foo`"),
        (
            "1 + Count_Selected(${a})",
            "at character 5: there is no function `Count_Selected`; write `count-selected`",
        ),
        ("if(1, 2)", "at character 1: `if` takes 3 arguments, not 2"),
        ("'open", "at character 1: the text that begins here has no closing quote"),
        ("(1 + 2", "at character 7: `)` is missing before `the end`"),
        (
            "${zz} = 1",
            "at character 1: no question, group or repeat is called `zz`; write a name of the `name` column",
        ),
        ("${a", "at character 1: the reference that begins here has no `}`"),
        ("1 & 2", "at character 3: `&` cannot stand here"),
        ("1 2", "at character 3: `2` cannot stand here"),
        ("1.2.3", "at character 1: `1.2.3` is not a number"),
        (
            "indexed-repeat(1, ${a}, 1)",
            "at character 1: argument 1 of `indexed-repeat` must be a reference such as ${name}",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(Expression::parse(text, &Letters).unwrap_err().to_string(), wanted, "{text}");
    }
    let pattern = Expression::parse("regex(., '[')", &Letters).unwrap_err();
    assert!(matches!(pattern.kind, ParseErrorKind::Pattern { .. }), "{pattern}");
}

#[test]
fn long_chains_are_taken_and_deep_nests_refused() {
    let chain = vec!["${a} = 'x'"; 2_000].join(" or ");
    assert_eq!(value(&chain, ["x", "", ""]), "true");
    let nest = format!("{}1{}", "(".repeat(500), ")".repeat(500));
    assert_eq!(Expression::parse(&nest, &Letters).unwrap_err().kind, ParseErrorKind::TooDeep);
    let calls = format!("{}1{}", "not(".repeat(70), ")".repeat(70));
    assert_eq!(Expression::parse(&calls, &Letters).unwrap_err().kind, ParseErrorKind::TooDeep);
}

#[test]
fn a_foreign_expression_out_of_order_is_refused() {
    for json in ["[]", r#"[{"-":0}]"#, r#"[{"n":1},{"o":["+",0,7]}]"#, r#"[{"f":["if",[3]]}]"#] {
        assert!(serde_json::from_str::<Expression>(json).is_err(), "{json}");
    }
    let deep: Vec<String> = std::iter::once(r#"{"n":1}"#.to_owned())
        .chain((0..1000).map(|index| format!(r#"{{"-":{index}}}"#)))
        .collect();
    assert!(serde_json::from_str::<Expression>(&format!("[{}]", deep.join(","))).is_err());
}

proptest! {
    #[test]
    fn no_text_panics_the_parser(text in "\\PC{0,60}") {
        let _ = Expression::parse(&text, &Letters);
    }

    #[test]
    fn no_pile_of_tokens_panics_parser_or_evaluator(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "1", "'x'", "${a}", "${all}", ".", "..", "/", "(", ")", ",", "+", "-", "*", "div", "mod", "or", "=", "<", "|",
            "if(", "concat(", "substr(", "position(", "round(", "date(", "selected-at(", "indexed-repeat(", "sum(", "current()",
            "[", "]", "//", "@", "child::", "ancestor::", "node()", "b", "::", "instance(", "randomize(", "area(", "uuid(",
        ]), 0..14),
    ) {
        let text = tokens.join(" ");
        if let Ok(expression) = Expression::parse(&text, &Letters) {
            let clock = Clock { today: "2026-11-22".into(), now: String::new(), chance: 7 };
            let _ = expression.text_over(&Flat { values: vec!["1", "", "x"], clock });
            let stored = serde_json::to_string(&expression).unwrap();
            prop_assert_eq!(serde_json::from_str::<Expression>(&stored).unwrap(), expression);
        }
    }

    #[test]
    fn every_day_comes_back_from_its_number(days in -200_000_i32..2_000_000) {
        let day = value(&format!("date({days})"), ["", "", ""]);
        prop_assert!((number_of(&day) - f64::from(days)).abs() < f64::EPSILON);
    }
}
