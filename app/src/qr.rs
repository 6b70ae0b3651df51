//! The QR picture of an enrolment address, for a phone's camera.

use leptos::prelude::*;
use qrcode::QrCode;
use qrcode::render::svg;

use crate::i18n::use_i18n;

/// The picture of this server's enrolment address with the code in it; nothing where it does not fit one.
pub fn enrolment(code: &str) -> AnyView {
    let i18n = use_i18n();
    let origin = window().location().origin().unwrap_or_default();
    let address = format!("{origin}/enrol?code={code}");
    let Ok(picture) = QrCode::new(&address) else { return ().into_any() };
    let drawn = picture.render::<svg::Color>().min_dimensions(240, 240).build();
    view! { <div class="qr" role="img" aria-label=say!(i18n, devices.code) inner_html=drawn></div> }
        .into_any()
}
