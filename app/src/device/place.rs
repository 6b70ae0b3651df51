//! Where the device is, asked once.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{Position, PositionError, PositionOptions};

use super::web;

/// How long the device may look for satellites, in milliseconds.
const TIMEOUT: u32 = 30_000;
/// A place found this many milliseconds ago still counts.
const MAXIMUM_AGE: u32 = 60_000;

/// A place on the earth, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Metres above the ellipsoid, where known.
    pub altitude: Option<f64>,
    /// Metres that it may be off.
    pub accuracy: f64,
}

impl Place {
    /// As ODK writes a geopoint: latitude, longitude, altitude, accuracy.
    pub fn to_answer(&self) -> String {
        let altitude = self.altitude.unwrap_or(0.0);
        format!("{:.6} {:.6} {altitude:.1} {:.1}", self.latitude, self.longitude, self.accuracy)
    }
}

/// Why there is no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// The person, or the browser, does not allow it.
    #[error("the place may not be asked for")]
    Denied,
    /// The device cannot tell.
    #[error("the device cannot tell where it is")]
    Unavailable,
    /// It took too long, as under a roof.
    #[error("the device took too long to tell where it is")]
    Timeout,
}

/// Where the device is.
///
/// # Errors
/// [`PlaceError`].
pub async fn here() -> Result<Place, PlaceError> {
    let geolocation = web_sys::window()
        .and_then(|window| window.navigator().geolocation().ok())
        .ok_or(PlaceError::Unavailable)?;
    let (answered, answer) = web::deferred();
    let fail = answer.clone();
    let found = Closure::once(move |position: JsValue| answer.call1(&JsValue::UNDEFINED, &position));
    let failed = Closure::once(move |error: JsValue| fail.call1(&JsValue::UNDEFINED, &error));
    let options = PositionOptions::new();
    options.set_enable_high_accuracy(true);
    options.set_timeout(TIMEOUT);
    options.set_maximum_age(MAXIMUM_AGE);
    geolocation
        .get_current_position_with_error_callback_and_options(
            found.as_ref().unchecked_ref(),
            Some(failed.as_ref().unchecked_ref()),
            &options,
        )
        .map_err(|_| PlaceError::Unavailable)?;
    let answer = web::settled(&answered).await.map_err(|_| PlaceError::Unavailable)?;
    match web::property(&answer, "coords") {
        Some(_) => Ok(place(&answer.unchecked_into())),
        None => Err(problem(&answer.unchecked_into())),
    }
}

fn place(position: &Position) -> Place {
    let coordinates = position.coords();
    Place {
        latitude: coordinates.latitude(),
        longitude: coordinates.longitude(),
        altitude: coordinates.altitude(),
        accuracy: coordinates.accuracy(),
    }
}

fn problem(error: &PositionError) -> PlaceError {
    match error.code() {
        PositionError::PERMISSION_DENIED => PlaceError::Denied,
        PositionError::TIMEOUT => PlaceError::Timeout,
        _ => PlaceError::Unavailable,
    }
}
