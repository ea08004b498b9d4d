use super::*;

fn numbers() -> Numbers<'static> {
    Numbers {
        count: &|count| {
            let digits = count.to_string();
            let mut text = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at) % 3 == 0 {
                    text.push('.');
                }
                text.push(digit);
            }
            text
        },
        share: &|share| format!("{:.1}%", share * 100.0).replace('.', ","),
        measure: &|measure| format!("{measure:.3}").replace('.', ","),
    }
}

fn style(dark: bool, title: &'static str) -> Style<'static> {
    Style { width: 1280, height: 800, dark, title, subtitle: "4.109 linhas · 8 segmentos" }
}

const NAMES: [&str; 9] = [
    "Prazo e atraso na entrega",
    "Produto com defeito",
    "Recomendo a loja & o produto <ótimo>",
    "Troca",
    "Nota fiscal",
    "Não recebi o pedido e ninguém da loja responde às mensagens",
    "Qualidade",
    "Preço",
    "Outros",
];

/// Blobs around `segments` centres, from a small generator with a fixed start.
fn blobs(count: usize, segments: usize) -> (Vec<[f32; 2]>, Vec<u16>, Vec<SegmentLabel>) {
    let mut state = 42_u64;
    let mut random = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    let mut labels = Vec::new();
    let points = (0..count)
        .map(|_| {
            let part = random();
            let label = ((part * part * segments as f32) as usize).min(segments - 1);
            labels.push(label as u16);
            let angle = label as f32 / segments as f32 * std::f32::consts::TAU;
            let mut normal = || (0..6).map(|_| random() - 0.5).sum::<f32>();
            [angle.cos() * 3.0 + normal() * 0.9, angle.sin() * 2.2 + normal() * 0.7]
        })
        .collect();
    let count_of = |segment: usize| labels.iter().filter(|&&l| usize::from(l) == segment).count();
    let segments = (0..segments)
        .map(|at| SegmentLabel { name: NAMES[at % 9].to_owned(), count: count_of(at) as u64 })
        .collect();
    (points, labels, segments)
}

fn bounds(points: &[[f32; 2]]) -> [[f32; 2]; 2] {
    points.iter().fold([[f32::MAX; 2], [f32::MIN; 2]], |[low, high], p| {
        [[low[0].min(p[0]), low[1].min(p[1])], [high[0].max(p[0]), high[1].max(p[1])]]
    })
}

fn draw_map(image: Image, count: usize, segments: usize, style: &Style) -> Vec<u8> {
    let (points, labels, segments) = blobs(count, segments);
    let picture = MapPicture {
        points: &points,
        labels: &labels,
        segments: &segments,
        bounds: bounds(&points),
        numbers: numbers(),
    };
    let mut out = Vec::new();
    map(&mut out, image, &picture, style).unwrap();
    keep(&format!("map-{count}-{}-{}", segments.len(), style.dark), image, &out);
    out
}

fn bars() -> Vec<SegmentBar> {
    let counts = [1204, 903, 710, 512, 388, 214, 120, 58];
    counts
        .iter()
        .enumerate()
        .map(|(at, &count)| SegmentBar {
            name: NAMES[at].to_owned(),
            count,
            share: count as f64 / 4109.0,
            terms: ["entrega", "prazo", "atraso", "chegou", "antes"].map(str::to_owned).to_vec(),
        })
        .collect()
}

/// Leaves pictures in a folder for a person to look at, when one is named.
fn keep(name: &str, image: Image, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("MIRANTE_PICTURES") {
        let extension = if image == Image::Png { "png" } else { "svg" };
        std::fs::write(format!("{folder}/{name}.{extension}"), bytes).unwrap();
    }
}

fn colours(png: &[u8]) -> std::collections::HashMap<[u8; 3], usize> {
    let decoded = image::load_from_memory(png).unwrap().to_rgb8();
    let mut counts = std::collections::HashMap::new();
    for pixel in decoded.pixels() {
        *counts.entry(pixel.0).or_default() += 1;
    }
    counts
}

#[test]
fn a_map_as_png_shows_its_points_on_either_ground() {
    for (dark, paper) in [(false, [255, 255, 255]), (true, [0x14, 0x17, 0x1C])] {
        let png = draw_map(Image::Png, 4109, 8, &style(dark, "Mapa das avaliações"));
        let colours = colours(&png);
        let blank = colours[&paper] as f64 / (1280.0 * 800.0);
        assert!((0.4..0.97).contains(&blank), "{blank}");
        assert!(colours.len() > 500);
    }
    draw_map(Image::Png, 60, 3, &style(false, "Poucas linhas"));
    draw_map(Image::Png, 4109, 40, &style(true, "Muitos segmentos"));
    draw_map(Image::Png, 300_000, 9, &style(false, "Muitas linhas"));
}

#[test]
fn a_map_as_svg_holds_names_letters_and_every_point() {
    let svg = String::from_utf8(draw_map(Image::Svg, 4109, 8, &style(false, "Mapa"))).unwrap();
    assert_eq!(svg.matches("<circle").count(), 4109 + 8, "points and the legend's discs");
    assert!(svg.contains("Prazo e atraso na entrega"));
    assert!(svg.contains("Recomendo a loja &amp; o produto &lt;ótimo&gt;"));
    assert!(svg.contains("font-family=\"Inter, sans-serif\""));
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
}

#[test]
fn a_large_map_as_svg_is_no_larger_than_its_picture() {
    let svg = draw_map(Image::Svg, 200_000, 8, &style(false, "Mapa"));
    let text = String::from_utf8_lossy(&svg);
    assert!(text.contains("data:image/png;base64,iVBORw0KGgo"));
    assert!(text.matches("<circle").count() < 20);
    assert!(svg.len() < 8 << 20, "{}", svg.len());
}

#[test]
fn sizes_are_drawn_with_their_words() {
    let mut svg = Vec::new();
    let bars = bars();
    sizes(&mut svg, Image::Svg, &bars, numbers(), &style(false, "Tamanhos")).unwrap();
    keep("sizes", Image::Svg, &svg);
    let svg = String::from_utf8(svg).unwrap();
    for words in ["1.204", "29,3%", "Nota fiscal", "entrega · prazo · atraso · chegou · antes"]
    {
        assert!(svg.contains(words), "{words}");
    }
    for dark in [false, true] {
        let mut png = Vec::new();
        sizes(&mut png, Image::Png, &bars, numbers(), &style(dark, "Tamanhos")).unwrap();
        keep(&format!("sizes-{dark}"), Image::Png, &png);
        let blue = segment_colour(0, dark);
        assert!(colours(&png)[&[blue.0, blue.1, blue.2]] > 5_000);
    }
}

#[test]
fn the_recommended_k_is_marked() {
    let candidates: Vec<Candidate> = (2..=20)
        .map(|k| Candidate {
            k,
            inertia: 3800.0 - 90.0 * f64::from(k).sqrt(),
            silhouette: if k == 5 { f64::NAN } else { 0.02 + 0.01 * f64::from((k * 7) % 5) },
            davies_bouldin: 6.0 - 0.1 * f64::from(k),
        })
        .collect();
    let picture = SuggestPicture {
        candidates: &candidates,
        recommended: 8,
        names: ["Inércia", "Silhueta", "Davies–Bouldin"],
        axis: "segmentos (k)",
        numbers: numbers(),
    };
    for dark in [false, true] {
        let mut png = Vec::new();
        suggest_k(&mut png, Image::Png, &picture, &style(dark, "Quantos segmentos?")).unwrap();
        keep(&format!("suggest-{dark}"), Image::Png, &png);
        assert!(colours(&png).len() > 20);
    }
    let mut svg = Vec::new();
    suggest_k(&mut svg, Image::Svg, &picture, &style(false, "Quantos segmentos?")).unwrap();
    let svg = String::from_utf8(svg).unwrap();
    assert!(svg.contains("Silhueta") && svg.contains("segmentos (k)"));
    assert_eq!(svg.matches("<circle").count(), 19 * 3 - 1 + 3, "one is missing, three are marked");
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let (points, _, segments) = blobs(10, 2);
    let picture = MapPicture {
        points: &points,
        labels: &[0],
        segments: &segments,
        bounds: [[0.0; 2]; 2],
        numbers: numbers(),
    };
    let refused = map(&mut Vec::new(), Image::Svg, &picture, &style(false, ""));
    assert!(matches!(refused, Err(PlotError::Labels { points: 10, labels: 1 })));
    let huge = Style { width: 100_000, ..style(false, "") };
    let refused = sizes(&mut Vec::new(), Image::Png, &[], numbers(), &huge);
    assert!(matches!(refused, Err(PlotError::Size { .. })));
    // No point, one point, points that are no numbers: a picture all the same.
    for points in [vec![], vec![[1.0, 1.0]], vec![[f32::NAN, f32::INFINITY]]] {
        let labels = vec![0; points.len()];
        let picture = MapPicture { points: &points, labels: &labels, ..picture };
        for image in [Image::Svg, Image::Png] {
            map(&mut Vec::new(), image, &picture, &style(true, "")).unwrap();
        }
    }
}

#[test]
fn pictures_of_how_good_a_model_is_say_their_numbers_in_both_formats() {
    type Draw<'a> = &'a dyn Fn(&mut Vec<u8>, Image) -> Result<(), PlotError>;
    let drawn = |draw: Draw| {
        let (mut svg, mut png) = (Vec::new(), Vec::new());
        draw(&mut svg, Image::Svg).unwrap();
        draw(&mut png, Image::Png).unwrap();
        assert!(png.starts_with(b"\x89PNG"));
        String::from_utf8(svg).unwrap()
    };
    let (style, numbers) = (style(false, "Quão bom"), numbers());
    let points = [(0.0, 0.0), (0.25, 0.5), (0.5, 0.5)];
    let axes = ["dito", "foi"];
    let picture = CurvePicture { points: &points, dots: true, most: 0.5, axes, numbers };
    let svg = drawn(&|out, image| curve(out, image, &picture, &style));
    assert!(svg.contains("0,125") && svg.contains("dito") && svg.contains("foi"), "{svg}");
    assert_eq!(svg.matches("<circle").count(), 3);

    let picture = BarsPicture { values: &[2.5, 1.0, 0.0], line: 1.0, axes, numbers };
    let svg = drawn(&|out, image| super::bars(out, image, &picture, &style));
    assert!(svg.contains("2,500") && svg.contains("0,000"), "{svg}");
    let nothing = BarsPicture { values: &[], line: 0.0, axes, numbers };
    drawn(&|out, image| super::bars(out, image, &nothing, &style));

    let labels = ["queixa", "<elogio & outros>"].map(str::to_owned);
    let counts = [vec![4_109, 7], vec![0, 0]];
    let picture = ConfusionPicture { labels: &labels, counts: &counts, axes, numbers };
    let svg = drawn(&|out, image| confusion(out, image, &picture, &style));
    assert!(svg.contains("4.109") && svg.contains("&lt;elogio &amp; outros&gt;"), "{svg}");
    // Many classes with long names leave the picture whole.
    let labels: Vec<String> = (0..60).map(|n| format!("{n} {}", "longo ".repeat(20))).collect();
    let counts = vec![vec![1; 60]; 60];
    let picture = ConfusionPicture { labels: &labels, counts: &counts, axes, numbers };
    drawn(&|out, image| confusion(out, image, &picture, &style));
}
