//! Points, traces and shapes on the earth: `area distance geofence intersects`.

use crate::expression::function::Function;
use crate::expression::functions::{Arguments, Result};
use crate::expression::numbers::round;
use crate::expression::tree::{Manner, Tree};
use crate::expression::value::Value;

/// Metres, as `JavaRosa` has it.
const EARTH_RADIUS: f64 = 6_378_100.0;

/// Degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    latitude: f64,
    longitude: f64,
}

pub(crate) fn call<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    match function {
        Function::Area => measured(given, area),
        Function::Distance => measured(given, distance),
        Function::Geofence => {
            let point = points(&given.text(0)).and_then(|points| points.first().copied());
            let inside =
                point.zip(points(&given.text(1))).is_some_and(|(point, shape)| is_inside(point, &shape));
            Value::Boolean(inside)
        }
        _ => Value::Boolean(points(&given.text(0)).is_some_and(|points| crosses_itself(&points))),
    }
}

/// A measure of all points of all arguments; NaN where one is no point, or there is none.
fn measured<T: Tree>(given: &Arguments<'_, T>, of: fn(&[Point]) -> f64) -> Result<T> {
    let texts = given.all(0).map(|value| value.into_text(given.tree()));
    let all: Option<Vec<Vec<Point>>> = texts.map(|text| points(&text)).collect();
    let measure = all.map(|all| all.concat()).filter(|all| !all.is_empty()).map_or(f64::NAN, |all| of(&all));
    Value::Number(match T::MANNER {
        Manner::JavaRosa => measure,
        Manner::OpenRosa => round(measure, 2.0, T::MANNER),
    })
}

/// `latitude longitude altitude accuracy; ...`; none where one of them is no point on earth.
fn points(text: &str) -> Option<Vec<Point>> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(point).collect()
}

fn point(text: &str) -> Option<Point> {
    let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result_>().ok()?;
    let (&latitude, &longitude) = (numbers.first()?, numbers.get(1)?);
    let accurate = numbers.get(3).is_none_or(|accuracy| *accuracy >= 0.0);
    let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    (on_earth && accurate).then_some(Point { latitude, longitude })
}

type Result_ = std::result::Result<Vec<f64>, std::num::ParseFloatError>;

/// Square metres on a sphere (R. Chamberlain and W. Duquette, "Some algorithms for polygons on a sphere").
fn area(points: &[Point]) -> f64 {
    if points.len() < 3 {
        return 0.0;
    }
    let sum: f64 = sides(points)
        .map(|(from, to)| {
            (to.longitude - from.longitude).to_radians()
                * (2.0 + from.latitude.to_radians().sin() + to.latitude.to_radians().sin())
        })
        .sum();
    (sum * EARTH_RADIUS * EARTH_RADIUS / 2.0).abs()
}

/// Metres along the points (spherical law of cosines).
fn distance(points: &[Point]) -> f64 {
    points.windows(2).filter_map(|pair| Some(between(*pair.first()?, *pair.last()?))).sum()
}

fn between(from: Point, to: Point) -> f64 {
    let (a, b) = (from.latitude.to_radians(), to.latitude.to_radians());
    let turn = (from.longitude - to.longitude).to_radians();
    let cosine = a.sin() * b.sin() + a.cos() * b.cos() * turn.cos();
    cosine.clamp(-1.0, 1.0).acos() * EARTH_RADIUS
}

/// Each point with the next, the last with the first.
fn sides(points: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    points.iter().copied().zip(points.iter().copied().cycle().skip(1))
}

/// True where a line north from the point crosses an odd number of the shape's sides.
fn is_inside(point: Point, shape: &[Point]) -> bool {
    let crosses = |(from, to): &(Point, Point)| {
        (from.longitude > point.longitude) != (to.longitude > point.longitude)
            && point.latitude
                < (to.latitude - from.latitude) * (point.longitude - from.longitude)
                    / (to.longitude - from.longitude)
                    + from.latitude
    };
    shape.len() > 2 && sides(shape).filter(crosses).count() % 2 == 1
}

/// True where two parts of a trace or shape that do not follow each other meet.
fn crosses_itself(points: &[Point]) -> bool {
    let mut line = points.to_vec();
    line.dedup();
    let parts: Vec<(Point, Point)> = line.iter().copied().zip(line.iter().copied().skip(1)).collect();
    let closed = line.len() > 2 && line.first() == line.last();
    parts.iter().enumerate().any(|(i, first)| {
        parts.iter().enumerate().skip(i + 2).any(|(j, second)| {
            let joined = closed && i == 0 && j + 1 == parts.len();
            !joined && meet(*first, *second)
        })
    })
}

fn meet(first: (Point, Point), second: (Point, Point)) -> bool {
    let turns = [
        turn(first.0, first.1, second.0),
        turn(first.0, first.1, second.1),
        turn(second.0, second.1, first.0),
        turn(second.0, second.1, first.1),
    ];
    let [a, b, c, d] = turns;
    if a * b < 0.0 && c * d < 0.0 {
        return true;
    }
    (a == 0.0 && is_beside(first, second.0))
        || (b == 0.0 && is_beside(first, second.1))
        || (c == 0.0 && is_beside(second, first.0))
        || (d == 0.0 && is_beside(second, first.1))
}

/// Above 0 where the way turns left, 0 where it goes straight on.
fn turn(from: Point, by: Point, to: Point) -> f64 {
    (by.longitude - from.longitude) * (to.latitude - from.latitude)
        - (by.latitude - from.latitude) * (to.longitude - from.longitude)
}

/// True where a point on a part's line stands between its ends.
fn is_beside(part: (Point, Point), point: Point) -> bool {
    let between = |a: f64, b: f64, x: f64| a.min(b) <= x && x <= a.max(b);
    between(part.0.latitude, part.1.latitude, point.latitude)
        && between(part.0.longitude, part.1.longitude, point.longitude)
}
