"""What pyxform makes of forms: one JSON file for each, for `cargo xtask conformance pyxform` to compare with ours.

Run as `pyxform.py OUT FORM...`. Types, binds, lists and texts are read out of the XForm that it writes.
"""

import json
import sys
import warnings
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

# The folder of this file would otherwise stand before the package of the same name.
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]
from pyxform.xls2xform import convert  # noqa: E402

X = "{http://www.w3.org/2002/xforms}"
BINDS = ("type", "relevant", "constraint", "calculate", "required", "readonly")


def text_of(element):
    """A text with `${name}` again where the XForm has an output."""
    if element is None:
        return None
    text = element.text or ""
    for child in element:
        value = child.get("value", "").strip()
        text += "${" + value.rstrip("/").split("/")[-1] + "}" + (child.tail or "")
    return text


def translations(model):
    found = {}
    for translation in model.iter(f"{X}translation"):
        texts = found.setdefault(translation.get("lang"), {})
        for entry in translation.findall(f"{X}text"):
            for value in entry.findall(f"{X}value"):
                form = value.get("form")
                texts[entry.get("id") + (f"#{form}" if form else "")] = text_of(value)
    return found


def lists(model, texts):
    """By list: the choices, each as its name and its label in each language."""
    found = {}
    for instance in model.findall(f"{X}instance"):
        items = [item for root in instance for item in root.findall(f"{X}item")]
        if instance.get("id") is None or instance.get("src"):
            continue
        found[instance.get("id")] = [
            [item.findtext(f"{X}name") or "", labels(item.find(f"{X}label"), item.findtext(f"{X}itextId"), texts)]
            for item in items
        ]
    return found


def labels(element, key, texts):
    if key is not None:
        return {language: found[key] for language, found in texts.items() if key in found}
    return {} if element is None else {"": text_of(element)}


def said(body, texts):
    """By path: label and hint in each language."""
    found = {}
    for control in body.iter():
        path = control.get("ref") or control.get("nodeset")
        if path is None or control.tag in {f"{X}label", f"{X}hint", f"{X}itemset", f"{X}value"}:
            continue
        for what in ("label", "hint"):
            element = control.find(f"{X}{what}")
            if element is None:
                continue
            reference = element.get("ref", "")
            key = reference[len("jr:itext('") : -2] if reference.startswith("jr:itext('") else None
            own = found.setdefault(path, {})
            own[what] = labels(element, key, texts)
    return found


def described(form):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        xform = convert(xlsform=BytesIO(form.read_bytes()), validate=False, warnings=[]).xform
    root = ElementTree.fromstring(xform)
    model = root.find(".//" + X + "model")
    body = root.find("{http://www.w3.org/1999/xhtml}body")
    texts = translations(model)
    binds = {
        bind.get("nodeset"): {name: bind.get(name) for name in BINDS if bind.get(name) is not None}
        for bind in model.findall(f"{X}bind")
    }
    for value in root.iter(f"{X}setvalue"):
        binds.setdefault(value.get("ref"), {}).setdefault("events", []).append(value.get("event"))
    return {"binds": binds, "lists": lists(model, texts), "said": said(body, texts), "languages": sorted(texts)}


def main(out, forms):
    for form in map(Path, forms):
        try:
            result = described(form)
        except Exception as error:  # noqa: BLE001
            result = {"refused": str(error)}
        Path(out, f"{form.name}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1))


main(sys.argv[1], sys.argv[2:])
