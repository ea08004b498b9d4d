use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, SaveOptions, Stream, dictionary};

use super::*;

fn written(content: Vec<u8>, more: impl FnOnce(&mut Document, &mut Dictionary)) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let mut font = dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
        "Encoding" => "WinAnsiEncoding",
    };
    more(&mut document, &mut font);
    let font = document.add_object(font);
    let mut stream = Stream::new(Dictionary::new(), content);
    stream.compress().expect("deflated");
    let stream = document.add_object(stream);
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => stream,
        "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
    });
    let kids = vec![page.into()];
    document
        .objects
        .insert(pages, dictionary! { "Type" => "Pages", "Count" => 1, "Kids" => kids }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_with_options(&mut bytes, SaveOptions::default()).expect("a PDF");
    bytes
}

fn pdf(content: &[u8]) -> Vec<u8> {
    written(content.to_vec(), |_, _| {})
}

fn read_of(bytes: &[u8]) -> Result<String, Refusal> {
    text_of(bytes, &|| Ok(()))
}

#[test]
fn lines_and_words_are_told_by_where_strings_stand() {
    let content = b"BT /F1 10 Tf 1 0 0 1 50 700 Tm (Of\xEDcio n\xBA) Tj 60 0 Td (12) Tj \
        -60 -12 Td [(Pro) 20 (cesso) -300 (de)] TJ T* ET \
        q 2 0 0 2 0 0 cm BT /F1 10 Tf 25 300 Td (fim) Tj ET Q";
    assert_eq!(read_of(&pdf(content)).unwrap(), "Ofício nº 12\nProcesso de\nfim\n");
}

#[test]
fn codes_of_two_bytes_are_read_by_their_map() {
    let map = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def \
        1 begincodespacerange <0000> <FFFF> endcodespacerange \
        2 beginbfchar <0003> <00E7> <0004> <00E3> endbfchar endcmap end end";
    let wide = |document: &mut Document, font: &mut Dictionary| {
        let map = document.add_object(Stream::new(Dictionary::new(), map.to_vec()));
        let widths = vec![3.into(), vec![Object::from(600), 600.into()].into()];
        let below = document.add_object(
            dictionary! { "Type" => "Font", "Subtype" => "CIDFontType2", "W" => widths },
        );
        *font = dictionary! {
            "Type" => "Font", "Subtype" => "Type0", "Encoding" => "Identity-H",
            "ToUnicode" => map, "DescendantFonts" => vec![below.into()],
        };
    };
    let content =
        b"BT /F1 10 Tf 0 0 Td <0003> Tj 6 0 Td <0004> Tj 6 0 Td <0003> Tj 8 0 Td <0003> Tj ET";
    assert_eq!(read_of(&written(content.to_vec(), wide)).unwrap(), "çãç ç\n");
}

#[test]
fn a_stream_that_swells_is_refused() {
    let bomb = pdf(&vec![b' '; PAGE_LIMIT + 1]);
    assert!(bomb.len() < 64 << 10);
    assert_eq!(read_of(&bomb), Err(Refusal::TooLarge));
    assert_eq!(object_streams(b"<</Type/ObjStm>> <</Type /#4fbjSt#6D>> /ObjSt /#"), 2);
}

#[test]
fn what_is_broken_is_an_error_and_no_fall() {
    for bytes in [&b"%PDF-1.7"[..], b"%PDF-1.4\nxref\n0 1\ntrailer<</Root 1 0 R>>", b""] {
        assert!(matches!(read_of(bytes), Err(Refusal::Damaged(_))), "{bytes:?}");
    }
    let whole = pdf(b"BT /F1 10 Tf (texto) Tj ET");
    for cut in (0..whole.len()).step_by(7) {
        let _ = read_of(&whole[..cut]);
    }
    // Brackets within brackets, and a page of nothing but pictures.
    let _ = read_of(&pdf(&vec![b'['; 1 << 20]));
    let _ = read_of(&pdf("<<".repeat(1 << 19).as_bytes()));
    let content = Content { operations: vec![Operation::new("Do", vec!["Im1".into()])] };
    assert_eq!(read_of(&pdf(&content.encode().unwrap())).unwrap(), "");
}
