//! A government and a unit scored by the method of 2024, with figures made up by counting.

use survey::scoring::assumption::{Assumed, Assumption};
use survey::scoring::exact::{Exact, Score};
use survey::scoring::methods::Method;
use survey::scoring::questions::standing::Rank;
use survey::scoring::result::{
    Counted, DimensionMean, DimensionScore, GovernmentScore, IndicatorScore, UnitLine, UnitScore, UnitState,
    Value, VariableScore,
};
use sync_server::exports::rapor;
use sync_server::exports::tables::source::{GovernmentRow, Head, UnitRow};
use sync_server::scores::methods::embedded;

use super::Outcome;

/// The rapors by name.
pub fn samples(time: i64) -> Outcome<[(&'static str, Vec<u8>); 2]> {
    let methods = embedded()?;
    let method = methods.of_year(2024)?;
    let head = Head {
        number: 3,
        round: "2025".to_owned(),
        year: 2024,
        rules: method.rules.id.clone(),
        title: method.rules.title.clone(),
        released_at: time,
        digest: "ab".repeat(32),
        assumed: Vec::new(),
    };
    let government = GovernmentRow {
        score: government(method)?,
        nation: Some(Rank { place: 17, of: 93 }),
        province: Some(Rank { place: 4, of: 10 }),
    };
    let unit = UnitRow {
        id: "dukcapil".to_owned(),
        name: "Dinas Kependudukan dan Pencatatan Sipil".to_owned(),
        kind: "dukcapil".to_owned(),
        government: "Kota Bontang".to_owned(),
        province: "Kalimantan Timur".to_owned(),
        office: "kaltim".to_owned(),
        counted: Counted::Yes,
        score: unit(method)?,
    };
    Ok([
        ("rapor-government", rapor::of_government(&head, method, &government)?),
        ("rapor-unit", rapor::of_unit(&head, method, &unit)?),
    ])
}

fn value(hundredths: i64) -> Outcome<Value> {
    Ok(Value::of(Score::hundredths(hundredths).exact())?)
}

fn government(method: Method<'_>) -> Outcome<GovernmentScore> {
    let rules = method.rules;
    let mean = |(number, one): (i64, &survey::scoring::rules::Dimension)| -> Outcome<DimensionMean> {
        let (id, name, name_en) = (one.id.clone(), one.name.clone(), one.name_en.clone());
        Ok(DimensionMean { id, name, name_en, value: Some(value(8_123 + 411 * number)?) })
    };
    let units = [
        "Dinas Kesehatan",
        "Dinas Kependudukan dan Pencatatan Sipil",
        "Dinas Penanaman Modal dan Pelayanan \
                 Terpadu Satu Pintu",
        "Dinas Pendidikan",
        "Dinas Sosial",
        "Puskesmas Bontang Utara 1",
    ];
    let scores = [Some(9_371), Some(8_823), Some(7_233), Some(9_012), Some(4_150), None];
    let line = |(name, score): (&&str, Option<i64>)| -> Outcome<UnitLine> {
        let value = score.map(value).transpose()?;
        Ok(UnitLine {
            id: name.to_lowercase().replace(' ', "-"),
            name: (*name).to_owned(),
            kind: "dinas".to_owned(),
            value,
            placed: value.map(|value| method.place(value.exact)).transpose()?,
            counted: if score.is_some() { Counted::Yes } else { Counted::NotAssessed },
            state: UnitState::Whole,
            provisional: score == Some(4_150),
            interviews: 24,
            refused: 1,
            dimensions: Vec::new(),
        })
    };
    Ok(GovernmentScore {
        name: "Kota Bontang".to_owned(),
        province: "Kalimantan Timur".to_owned(),
        rules: rules.id.clone(),
        year: 2024,
        value: Some(value(8_823)?),
        placed: Some(method.place(Score::hundredths(8_823).exact())?),
        counted: 5,
        dimensions: (0..).zip(&rules.dimensions).map(mean).collect::<Outcome<_>>()?,
        units: units.iter().zip(scores).map(line).collect::<Outcome<_>>()?,
        provisional: true,
        partial: false,
        interviews: 144,
        assumed: vec![
            Assumption::new(Assumed::Weight, "input", "no source"),
            Assumption::new(Assumed::IndicatorWeights, "input", "no source"),
        ],
    })
}

fn unit(method: Method<'_>) -> Outcome<UnitScore> {
    let mut number = 0;
    let mut dimensions = Vec::new();
    for dimension in &method.rules.dimensions {
        let mut variables = Vec::new();
        for variable in &dimension.variables {
            let mut indicators = Vec::new();
            for one in &variable.indicators {
                number += 1;
                indicators.push(indicator(number, one)?);
            }
            let (id, name, name_en) = (variable.id.clone(), variable.name.clone(), variable.name_en.clone());
            variables.push(VariableScore { id, name, name_en, value: Some(value(8_000)?), indicators });
        }
        dimensions.push(DimensionScore {
            id: dimension.id.clone(),
            name: dimension.name.clone(),
            name_en: dimension.name_en.clone(),
            weight: dimension.weight.value,
            perception: dimension.perception,
            value: Some(value(6_912 + 150 * number)?),
            points: Some(value(1_900)?),
            variables,
        });
    }
    Ok(UnitScore {
        rules: method.rules.id.clone(),
        year: 2024,
        state: UnitState::Whole,
        provisional: false,
        value: Some(value(7_233)?),
        placed: Some(method.place(Score::hundredths(7_233).exact())?),
        dimensions,
        products: Vec::new(),
        interviews: 24,
        refused: 2,
        assumed: vec![Assumption::new(Assumed::Weight, "input", "no source")],
    })
}

fn indicator(number: i64, one: &survey::scoring::rules::Indicator) -> Outcome<IndicatorScore> {
    let figure = [10_000, 5_000, 0, 10_000, 7_500, 10_000].get(usize::try_from(number % 7)?).copied();
    let lacking = figure.and_then(|figure| Exact::fraction(i128::from(10_000 - figure), 8_000));
    Ok(IndicatorScore {
        code: one.code.clone(),
        name: one.name.clone(),
        name_en: one.name_en.clone(),
        weight: one.weight,
        value: figure.map(value).transpose()?,
        lacking,
        answers: usize::from(figure.is_some()),
        assumed: Vec::new(),
        readings: Vec::new(),
        unmarked: Vec::new(),
    })
}
