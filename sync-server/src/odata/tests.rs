//! A service as a client finds it.

use std::collections::BTreeSet;

use roxmltree::Document;
use serde_json::{Value, json};

use super::*;
use crate::exports::sample::tables;

const ROOT: &str = "http://h/odata/v1/releases/3/";

fn asked<'a>(path: &'a str, query: &'a str) -> Asked<'a> {
    Asked { root: ROOT, path, query, accept: "application/json", page: None }
}

fn got(path: &str, query: &str) -> Value {
    let answer =
        answer(&tables(), &asked(path, query)).unwrap_or_else(|fault| panic!("{path}?{query}: {fault}"));
    serde_json::from_slice(&answer.body).unwrap()
}

fn fault(path: &str, query: &str) -> (u16, String) {
    let fault = answer(&tables(), &asked(path, query)).unwrap_err();
    (fault.status(), fault.to_string())
}

fn column(of: &Value, name: &str) -> Vec<Value> {
    of["value"].as_array().unwrap().iter().map(|row| row[name].clone()).collect()
}

#[test]
fn the_service_lists_its_sets_and_metadata_describes_every_property_that_rows_have() {
    let service = got("", "");
    assert_eq!(service["@odata.context"], format!("{ROOT}$metadata"));
    let answer = answer(&tables(), &asked("$metadata", "")).unwrap();
    let text = String::from_utf8(answer.body).unwrap();
    let metadata = Document::parse(&text).unwrap();
    for set in column(&service, "name") {
        let set = set.as_str().unwrap();
        let of_type = |node: &roxmltree::Node<'_, '_>| {
            node.has_tag_name(("http://docs.oasis-open.org/odata/ns/edm", "EntityType"))
        };
        let entity =
            metadata.descendants().filter(of_type).find(|node| node.attribute("Name") == Some(set)).unwrap();
        let described: BTreeSet<_> = entity
            .children()
            .filter(|node| node.tag_name().name() == "Property")
            .filter_map(|node| node.attribute("Name"))
            .collect();
        let key = entity.descendants().find(|node| node.tag_name().name() == "PropertyRef").unwrap();
        assert!(described.contains(key.attribute("Name").unwrap()));
        for row in got(set, "")["value"].as_array().unwrap() {
            let has: BTreeSet<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(has, described, "{set}");
        }
    }
}

#[test]
fn values_have_the_types_that_metadata_promises() {
    let units = got("units", "$filter=unit eq 'dukcapil'");
    let row = &units["value"][0];
    assert_eq!(units["@odata.context"], format!("{ROOT}$metadata#units"));
    assert_eq!(row["score"], json!(88.23));
    assert_eq!([&row["zone"], &row["zone_label"]], ["hijau", "hijau"]);
    assert_eq!([&row["counted"], &row["counted_label"]], ["counted_yes", "dihitung"]);
    assert_eq!([&row["provisional"], &row["interviews_count"]], [&json!(false), &json!(2)]);
    let visit = got("visits('aa')", "$select=hari,mulai,titik_lat,sarana_ramp,lain_foto");
    assert_eq!(
        visit["@odata.context"],
        format!("{ROOT}$metadata#visits(hari,mulai,titik_lat,sarana_ramp,lain_foto)/$entity")
    );
    assert_eq!(visit["hari"], "2026-11-22");
    assert_eq!(visit["mulai"], "2026-11-22T03:11:12Z");
    assert_eq!(visit["sarana_ramp"], true);
    assert_eq!(visit["titik_lat"], json!(-2.13));
    assert_eq!(got("units('kesehatan')", "")["score"], Value::Null);
}

#[test]
fn options_choose_order_and_count() {
    let all = got("indicators", "$count=true&$orderby=unit desc,indicator desc&$select=unit,indicator");
    assert_eq!(all["@odata.count"], 4);
    assert_eq!(column(&all, "indicator"), ["in-02", "in-01", "in-02", "in-01"]);
    assert_eq!(column(&all, "unit"), ["kesehatan", "kesehatan", "dukcapil", "dukcapil"]);
    let some = got("indicators", "$count=true&$filter=marked eq 'marked_yes' or mark gt 99&$top=0");
    assert_eq!([&some["@odata.count"], &some["value"]], [&json!(1), &json!([])]);
    assert_eq!(column(&got("units", "$orderby=score&$select=unit"), "unit"), ["kesehatan", "dukcapil"]);
    assert_eq!(column(&got("units", "$orderby=score desc&$skip=1"), "unit"), ["kesehatan"]);
    // Spaces as plus signs, custom options, and quotes.
    assert_eq!(
        column(&got("units", "x=1&%24filter=unit_name+eq+%27Dinas+Dukcapil%27"), "unit"),
        ["dukcapil"]
    );
    let counted = answer(&tables(), &asked("units/$count", "$filter=score ne null")).unwrap();
    assert_eq!(counted.body, b"1");
}

#[test]
fn pages_follow_each_other_and_give_every_row_once() {
    let tables = tables();
    let mut query = "$count=true&$orderby=indicator desc&$filter=unit ne 'a b%26c'&$top=3".to_owned();
    let mut keys = Vec::new();
    for round in 0.. {
        let page = answer(&tables, &Asked { page: Some(1), ..asked("indicators", &query) }).unwrap();
        assert_eq!(page.page, Some(1));
        let page: Value = serde_json::from_slice(&page.body).unwrap();
        assert_eq!(page["@odata.count"], 4);
        keys.extend(column(&page, "indicator_row"));
        let Some(next) = page["@odata.nextLink"].as_str() else { break };
        query = next.strip_prefix(&format!("{ROOT}indicators?")).unwrap().to_owned();
        assert!(round < 5);
    }
    let all = got("indicators", "$orderby=indicator desc&$top=3");
    assert_eq!(keys, column(&all, "indicator_row"));
    assert_eq!(keys.len(), 3);
}

#[test]
fn what_is_wrong_is_said_with_its_status() {
    for (path, query, status, part) in [
        ("kota", "", 404, "no entity set `kota`"),
        ("units('x')", "", 404, "no row with the key `x`"),
        ("units(5)", "", 404, "a text in quotes"),
        ("units/unit", "", 404, "no entity set"),
        ("units", "$filter=nama eq 'x'", 400, "no property `nama`"),
        ("units", "$select=nama", 400, "no property `nama`"),
        ("units", "$orderby=score down", 400, "asc, desc"),
        ("units", "$top=-1", 400, "0 to 999999999"),
        ("units", "$count=yes", 400, "true or false"),
        ("units", "$top=1&$top=2", 400, "twice"),
        ("units", "$expand=visits", 501, "not known here"),
        ("units", "$format=atom", 501, "JSON"),
        ("", "$top=1", 501, "entity sets"),
    ] {
        let (found, message) = fault(path, query);
        assert_eq!(found, status, "{path}?{query}: {message}");
        assert!(message.contains(part), "{path}?{query}: {message}");
    }
}

#[test]
fn a_key_may_hold_quotes_and_may_be_named() {
    assert_eq!(got("units(unit='dukcapil')", "")["unit"], "dukcapil");
    assert!(fault("units('it''s')", "").1.contains("`it's`"));
    assert!(fault("units('it's')", "").1.contains("in quotes"));
    assert_eq!(got("visits_produk('aa/produk[b2]')", "")["nama"], "KTP");
}

#[test]
fn whoever_wishes_gets_long_numbers_as_texts_and_no_context() {
    let bare = Asked {
        accept: "application/json;odata.metadata=none; IEEE754Compatible=true",
        ..asked("units", "$count=true")
    };
    let answer = answer(&tables(), &bare).unwrap();
    assert!(answer.media_type.contains("odata.metadata=none"));
    let page: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(page.get("@odata.context"), None);
    assert_eq!(page["@odata.count"], "2");
    assert_eq!(page["value"][1]["score"], Value::Null);
    assert_eq!(page["value"][0]["score"], "88.23");
}
