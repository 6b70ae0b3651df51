//! Photos from the camera: made small, rid of what the camera wrote into them (place, time, device), and
//! named by their content.

use replica::ContentHash;
use sha2::{Digest as _, Sha256};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, File, HtmlCanvasElement, ImageBitmap, Url};

use super::web;

/// The longer side of a kept photo, in pixels, at most.
pub const LONGEST_SIDE: u32 = 1600;
/// JPEG quality of a kept photo.
const QUALITY: f64 = 0.8;
/// What a kept photo is.
pub const MIME: &str = "image/jpeg";

/// A photo ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// SHA-256 of the bytes.
    pub hash: ContentHash,
    /// A JPEG.
    pub bytes: Vec<u8>,
}

/// Why a file is no photo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// The browser cannot read it as a picture.
    #[error("the file is not a picture that this browser can read: {0}")]
    NotAPicture(String),
    /// The browser cannot draw it, for want of memory mostly.
    #[error("the picture cannot be made smaller: {0}")]
    Canvas(String),
    /// More than is kept.
    #[error("the file is larger than {MAX_FILE} bytes")]
    TooLarge,
}

/// Largest file that is kept, in bytes; what the server takes.
pub const MAX_FILE: f64 = 32.0 * 1024.0 * 1024.0;

/// A file as it is.
///
/// # Errors
/// [`PhotoError::TooLarge`], [`PhotoError::NotAPicture`] where it cannot be read.
pub async fn whole(file: &File) -> Result<Photo, PhotoError> {
    if file.size() > MAX_FILE {
        return Err(PhotoError::TooLarge);
    }
    let bytes = bytes_of(file).await.map_err(|error| PhotoError::NotAPicture(web::said(&error)))?;
    Ok(Photo { hash: hash_of(&bytes), bytes })
}

/// What is drawn on a canvas.
///
/// # Errors
/// [`PhotoError::Canvas`].
pub async fn drawn(canvas: &HtmlCanvasElement) -> Result<Photo, PhotoError> {
    let bytes = encode(canvas).await.map_err(|error| PhotoError::Canvas(web::said(&error)))?;
    Ok(Photo { hash: hash_of(&bytes), bytes })
}

/// Reads a picture, makes it at most `longest` long ([`LONGEST_SIDE`] where that is less or none is given), and writes
/// it anew as JPEG, which leaves behind everything but the picture.
///
/// # Errors
/// [`PhotoError`].
pub async fn take(file: &File, longest: Option<u32>) -> Result<Photo, PhotoError> {
    let window = web_sys::window().ok_or_else(|| PhotoError::Canvas("no window".to_owned()))?;
    let options = web::object(&[("imageOrientation", "from-image".into())]);
    let picture = async {
        let made = web::call(&window, "createImageBitmap", &[file.clone().into(), options])?;
        web::settled(&made).await
    };
    let picture = picture.await.map_err(|error| PhotoError::NotAPicture(web::said(&error)))?;
    let picture: ImageBitmap = picture.unchecked_into();
    let drawn = draw(&window, &picture, longest.map_or(LONGEST_SIDE, |longest| longest.min(LONGEST_SIDE)));
    picture.close();
    let canvas = drawn.map_err(|error| PhotoError::Canvas(web::said(&error)))?;
    self::drawn(&canvas).await
}

/// A content's name.
pub fn hash_of(bytes: &[u8]) -> ContentHash {
    ContentHash::new(Sha256::digest(bytes).into())
}

/// An address under which the page can show the photo, until [`forget_url`].
pub fn url_of(bytes: &[u8], mime: &str) -> Option<String> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}

/// Lets go of an address that [`url_of`] gave.
pub fn forget_url(url: &str) {
    // An address that is none is no harm.
    let _ = Url::revoke_object_url(url);
}

fn draw(window: &web_sys::Window, picture: &ImageBitmap, most: u32) -> Result<HtmlCanvasElement, JsValue> {
    let (width, height) = shrunk(picture.width(), picture.height(), most);
    let document = window.document().ok_or("no document")?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.dyn_into().map_err(JsValue::from)?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d")?.ok_or("no canvas")?;
    let context: CanvasRenderingContext2d = context.dyn_into().map_err(JsValue::from)?;
    // JPEG has no transparency; without this, see-through parts turn black.
    context.set_fill_style_str("white");
    context.fill_rect(0.0, 0.0, f64::from(width), f64::from(height));
    context.draw_image_with_image_bitmap_and_dw_and_dh(
        picture,
        0.0,
        0.0,
        f64::from(width),
        f64::from(height),
    )?;
    Ok(canvas)
}

/// The sides that a picture of these sides is kept with.
fn shrunk(width: u32, height: u32, most: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= most {
        return (width.max(1), height.max(1));
    }
    let side = |side: u32| {
        let scaled = u64::from(side) * u64::from(most) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(most).max(1)
    };
    (side(width), side(height))
}

async fn encode(canvas: &HtmlCanvasElement) -> Result<Vec<u8>, JsValue> {
    let (answered, answer) = web::deferred();
    let done = Closure::once(move |blob: JsValue| answer.call1(&JsValue::UNDEFINED, &blob));
    canvas.to_blob_with_type_and_encoder_options(done.as_ref().unchecked_ref(), MIME, &QUALITY.into())?;
    let blob: Blob = web::settled(&answered).await?.dyn_into()?;
    bytes_of(&blob).await
}

async fn bytes_of(blob: &Blob) -> Result<Vec<u8>, JsValue> {
    let buffer = web::settled(&blob.array_buffer()).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}
