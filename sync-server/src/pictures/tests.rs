//! What a picture must always be: well-formed, told to screen readers, within its frame, and readable without colours.

use super::*;

const WIDTHS: [f64; 3] = [300.0, 328.0, 1040.0];

fn frame(width: f64) -> Frame {
    Frame {
        width,
        title: "Nilai <2023>".to_owned(),
        description: "Bontang & tetangganya".to_owned(),
        id: "p".to_owned(),
    }
}

fn bands() -> Vec<Band> {
    let band = |from, to, tone, name: &str| Band { from, to, tone, name: name.to_owned() };
    vec![
        band(88.0, 100.0, Tone::Good, "A"),
        band(78.0, 88.0, Tone::Good, "B"),
        band(54.0, 78.0, Tone::Middle, "C"),
        band(32.0, 54.0, Tone::Bad, "D"),
        band(0.0, 32.0, Tone::Bad, "E"),
    ]
}

fn dot(name: &str, at: Option<f64>, tone: Tone) -> Dot {
    Dot {
        name: name.to_owned(),
        text: at.map_or("–".to_owned(), |at| format!("{at:.2}")),
        at,
        tone,
        own: false,
    }
}

/// Parses the picture, checks what holds for all, and returns its texts.
fn check(picture: &str, width: f64) -> Vec<String> {
    let document = roxmltree::Document::parse(picture).expect("well-formed XML");
    let svg = document.root_element();
    assert_eq!(svg.attribute("role"), Some("img"));
    let title = document.descendants().find(|node| node.attribute("id") == Some("p-title")).expect("a title");
    assert_eq!(title.text(), Some("Nilai <2023>"));
    let height: f64 = svg.attribute("height").expect("a height").parse().expect("a number");
    for node in document.descendants() {
        for (name, limit) in [
            ("x", width),
            ("cx", width),
            ("x1", width),
            ("x2", width),
            ("y", height),
            ("y1", height),
            ("y2", height),
        ] {
            let Some(value) = node.attribute(name) else { continue };
            let value: f64 = value.parse().expect("a finite number");
            assert!(
                (-0.01..=limit + 0.01).contains(&value),
                "{name}={value} leaves 0 to {limit} in {:?}",
                node.tag_name()
            );
        }
    }
    document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .map(str::to_owned)
        .collect()
}

#[test]
fn dots_stand_in_their_frame_with_a_shape_for_each_zone() {
    for width in WIDTHS {
        let rows = [
            dot("Kota Bontang", Some(88.23), Tone::Good),
            dot("Kota Pangkalpinang yang namanya panjang sekali dan tidak muat", Some(73.14), Tone::Middle),
            dot("Maybrat", Some(31.98), Tone::Bad),
            dot("Puncak", None, Tone::Plain),
        ];
        let picture = dots(&frame(width), &bands(), &rows, Some((90.0, "Target 90")));
        let texts = check(&picture, width);
        for expected in ["88.23", "73.14", "31.98", "Target 90", "A", "C"] {
            assert!(texts.iter().any(|text| text == expected), "{expected} at {width}");
        }
        assert_eq!(picture.matches("<circle").count(), 1, "a disc for green alone");
    }
}

#[test]
fn a_line_is_broken_where_the_method_changed_and_names_do_not_meet() {
    let point = |year, at, method: &str| Point {
        year,
        at,
        text: format!("{at:.2}"),
        tone: Tone::Good,
        method: method.to_owned(),
    };
    let line = |name: &str, points| Line { name: name.to_owned(), points, own: name == "Bontang" };
    let all = [
        line("Bontang", vec![point(2021, 80.0, "old"), point(2022, 72.33, "new"), point(2023, 88.23, "new")]),
        line("Kukar", vec![point(2023, 88.24, "new")]),
        line("Samarinda", vec![point(2023, 88.25, "new"), point(2024, 88.26, "new")]),
    ];
    for width in WIDTHS {
        let picture = lines(&frame(width), &bands(), &all, Some((90.0, "Target 90")));
        check(&picture, width);
        assert_eq!(picture.matches("\"2 5\"").count(), 1, "only the step from 2021 to 2022 is broken");
        let document = roxmltree::Document::parse(&picture).expect("well-formed XML");
        let mut ends: Vec<f64> = document
            .descendants()
            .filter(|node| {
                node.has_tag_name("text") && node.text().is_some_and(|text| text.starts_with("88.2"))
            })
            .filter(|node| node.attribute("text-anchor").is_none())
            .filter_map(|node| node.attribute("y")?.parse().ok())
            .collect();
        ends.sort_by(f64::total_cmp);
        assert_eq!(ends.len(), 3);
        assert!(ends.windows(2).all(|pair| pair[1] - pair[0] >= LETTER), "{ends:?}");
    }
}

#[test]
fn findings_tell_each_cell_by_a_sign_and_a_name() {
    let found = Findings {
        units: vec!["Dukcapil".to_owned(), "Sosial".to_owned()],
        rows: vec![
            ("Maklumat".to_owned(), vec![Cell::Has(0.0), Cell::Has(1.0)]),
            ("Biaya".to_owned(), vec![Cell::Has(0.5), Cell::Unknown]),
        ],
    };
    for width in WIDTHS {
        let picture = findings(&frame(width), &found, ["Ada", "Sebagian", "Tidak ada", "Belum dijawab"]);
        let texts = check(&picture, width);
        for sign in ["✓", "◐", "✕", "?"] {
            assert_eq!(
                texts.iter().filter(|text| *text == sign).count(),
                2,
                "{sign}: in its cell and in the legend"
            );
        }
        assert!(picture.contains("<title>Maklumat, Dukcapil: ✕</title>"));
    }
}

#[test]
fn parts_lead_from_one_score_to_the_other_and_say_what_nobody_knows() {
    let part = |name: &str, by: Option<f64>| Part {
        name: name.to_owned(),
        by,
        text: by.map_or("tidak diketahui".to_owned(), |by| format!("{by:+.2}")),
    };
    let found = Parts {
        from: ("2021".to_owned(), 81.2, "81.20".to_owned()),
        steps: vec![part("Metode", Some(-9.5)), part("Unit", None), part("Nyata", Some(2.5))],
        to: ("2022".to_owned(), 74.2, "74.20".to_owned()),
    };
    for width in WIDTHS {
        let texts = check(&parts(&frame(width), &found), width);
        for expected in ["81.20", "-9.50", "tidak diketahui", "+2.50", "74.20"] {
            assert!(texts.iter().any(|text| text == expected), "{expected}");
        }
    }
}

#[test]
fn odd_figures_never_leave_the_frame() {
    let rows = [dot("Terlalu tinggi", Some(140.0), Tone::Good), dot("Di bawah nol", Some(-3.0), Tone::Bad)];
    for width in WIDTHS {
        check(&dots(&frame(width), &bands(), &rows, Some((200.0, "Target"))), width);
        check(&dots(&frame(width), &[], &rows, None), width);
        check(&lines(&frame(width), &[], &[], None), width);
        let none = Findings { units: vec![], rows: vec![] };
        check(&findings(&frame(width), &none, ["a", "b", "c", "d"]), width);
    }
}
