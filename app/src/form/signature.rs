//! A signature or a drawing: made with a finger, or typed, kept as a picture.

use std::cell::Cell;
use std::rc::Rc;

use leptos::html::Canvas;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::asked::Asked;
use super::photo::stored;
use super::text::failure;
use crate::components::Show;
use crate::i18n::{I18n, t_string, use_i18n};

/// Size of the picture, in its own pixels.
const WIDTH: u32 = 600;
const HEIGHT: u32 = 240;

/// A field to draw in, a field for the name, and what was kept.
pub(super) fn signature(asked: &Asked) -> AnyView {
    let i18n = use_i18n();
    let value = asked.value();
    let locked = asked.locked();
    let label = asked.label();
    let filling = asked.filling;
    let alt = move || t_string!(i18n, form.photo_alt, label = label.get()).to_string();
    let again = {
        let asked = asked.clone();
        move |_| asked.answer("")
    };
    let asked = asked.clone();
    let words = Words::of(&asked);
    view! {
        <div class="photo">
            {move || {
                let hash = value.get();
                if hash.is_empty() { field(&asked, locked) } else { stored(filling, hash, alt()) }
            }}
            <Show when=move || !locked && value.with(|v| !v.is_empty())>
                <button type="button" class="button danger" on:click=again.clone()>
                    {move || words.again()}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

fn field(asked: &Asked, locked: bool) -> AnyView {
    if locked {
        return ().into_any();
    }
    let i18n = use_i18n();
    let canvas = NodeRef::<Canvas>::new();
    let name = RwSignal::new(String::new());
    let inked = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let pressed = StoredValue::new_local(Rc::new(Cell::new(false)));
    let at = move |event: &leptos::ev::PointerEvent| {
        let canvas = canvas.get_untracked()?;
        let shown = canvas.get_bounding_client_rect();
        let scale = f64::from(WIDTH) / shown.width().max(1.0);
        Some((
            canvas,
            (f64::from(event.client_x()) - shown.left()) * scale,
            (f64::from(event.client_y()) - shown.top()) * scale,
        ))
    };
    let down = move |event: leptos::ev::PointerEvent| {
        let Some((canvas, x, y)) = at(&event) else { return };
        if let Some(context) = context(&canvas) {
            pressed.with_value(|pressed| pressed.set(true));
            // Where the pointer cannot be captured, drawing ends at the edge.
            let _ = canvas.set_pointer_capture(event.pointer_id());
            context.begin_path();
            context.move_to(x, y);
        }
    };
    let drawn = move |event: leptos::ev::PointerEvent| {
        if !pressed.with_value(|pressed| pressed.get()) {
            return;
        }
        if let Some((canvas, x, y)) = at(&event)
            && let Some(context) = context(&canvas)
        {
            context.line_to(x, y);
            context.stroke();
            inked.set(true);
        }
    };
    let up = move |_| pressed.with_value(|pressed| pressed.set(false));
    let clear = move |_| {
        if let Some(canvas) = canvas.get_untracked() {
            wipe(&canvas);
        }
        name.set(String::new());
        inked.set(false);
    };
    let typed = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        if let Some(canvas) = canvas.get_untracked() {
            wipe(&canvas);
            write(&canvas, &text);
        }
        inked.set(!text.trim().is_empty());
        name.set(text);
    };
    let keep = {
        let asked = asked.clone();
        move |_| {
            let Some(canvas) = canvas.get_untracked() else { return };
            let (filling, path) = (asked.filling, asked.path.clone());
            spawn_local(async move {
                let kept = filling.keep_drawing(&path, canvas).await;
                failed.try_set(kept.is_err());
            });
        }
    };
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            wipe(&canvas);
        }
    });
    let id = asked.ids.control.clone();
    let label = asked.label();
    let words = Words::of(asked);
    view! {
        <canvas class="signature" node_ref=canvas width=WIDTH.to_string() height=HEIGHT.to_string() role="img"
            aria-label=move || words.here(&label.get())
            on:pointerdown=down on:pointermove=drawn on:pointerup=up on:pointercancel=up></canvas>
        {super::dates::labelled(id.clone(), move || words.name_it().to_owned(), view! {
            <input class="input" type="text" autocomplete="off" maxlength="60" id=id
                aria-describedby=asked.ids.described_by.clone() prop:value=name on:input=typed />
        }.into_any())}
        {failure(failed, say!(i18n, form.photo_failed))}
        <div class="row">
            <button type="button" class="button" disabled=move || !inked.get() on:click=keep>
                {move || words.keep_it()}
            </button>
            <button type="button" class="button quiet" on:click=clear>{say!(i18n, form.sign_clear)}</button>
        </div>
    }
    .into_any()
}

/// What the field is called: `draw` asks for any picture, `signature` for a name.
#[derive(Clone, Copy)]
struct Words {
    i18n: I18n,
    is_drawing: bool,
}

impl Words {
    fn of(asked: &Asked) -> Self {
        Self { i18n: use_i18n(), is_drawing: asked.looks("draw") }
    }

    fn here(self, label: &str) -> String {
        let (i18n, label) = (self.i18n, label.to_owned());
        if self.is_drawing {
            t_string!(i18n, form.draw_here, label = label).to_string()
        } else {
            t_string!(i18n, form.sign_here, label = label).to_string()
        }
    }

    fn name_it(self) -> &'static str {
        let i18n = self.i18n;
        if self.is_drawing { t_string!(i18n, form.draw_type) } else { t_string!(i18n, form.sign_type) }
    }

    fn keep_it(self) -> &'static str {
        let i18n = self.i18n;
        if self.is_drawing { t_string!(i18n, form.draw_keep) } else { t_string!(i18n, form.sign_keep) }
    }

    fn again(self) -> &'static str {
        let i18n = self.i18n;
        if self.is_drawing { t_string!(i18n, form.draw_again) } else { t_string!(i18n, form.sign_again) }
    }
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

fn wipe(canvas: &HtmlCanvasElement) {
    let Some(context) = context(canvas) else { return };
    context.set_fill_style_str("white");
    context.fill_rect(0.0, 0.0, f64::from(WIDTH), f64::from(HEIGHT));
    context.set_stroke_style_str("#17211f");
    context.set_line_width(4.0);
    context.set_line_cap("round");
}

fn write(canvas: &HtmlCanvasElement, text: &str) {
    let Some(context) = context(canvas) else { return };
    context.set_fill_style_str("#17211f");
    context.set_font("italic 48px serif");
    // A text that cannot be drawn leaves the field empty.
    let _ = context.fill_text_with_max_width(text, 24.0, f64::from(HEIGHT) / 2.0, f64::from(WIDTH) - 48.0);
}
