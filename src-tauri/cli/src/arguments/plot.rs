//! `mirante plot`: a subcommand a picture, because each is drawn from something else.

use clap::{Args, Subcommand};
use mirante_app::locale::Language;
use mirante_app::ops::export::{Picture, PlotRequest, PlotSource};

use super::TryArguments;

#[derive(Debug, Subcommand)]
pub(crate) enum PlotCommand {
    /// The map of a saved model: every row a point, coloured by segment
    Map(ModelArguments),
    /// The sizes of a saved model's segments
    Sizes(ModelArguments),
    /// Try several numbers of segments and draw how each did
    SuggestK(SuggestArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    /// Model that `segment --save-model` wrote
    #[arg(long, value_name = "FILE")]
    model: String,
    /// The rows to draw [default: the file the model was made from]
    #[arg(long, value_name = "FILE")]
    csv: Option<String>,
    #[command(flatten)]
    canvas: CanvasArguments,
}

#[derive(Debug, Args)]
pub(crate) struct SuggestArguments {
    #[command(flatten)]
    tries: TryArguments,
    #[command(flatten)]
    canvas: CanvasArguments,
}

#[derive(Debug, Args)]
struct CanvasArguments {
    /// Picture to write: FILE.svg or FILE.png
    #[arg(long, value_name = "FILE")]
    out: String,
    /// Width in pixels
    #[arg(long, default_value_t = 1280)]
    width: u32,
    /// Height in pixels
    #[arg(long, default_value_t = 800)]
    height: u32,
    /// Draw on a dark ground
    #[arg(long)]
    dark: bool,
}

impl PlotCommand {
    pub(crate) fn request(self, language: Language) -> PlotRequest {
        let of_model = |picture, ModelArguments { model, csv, canvas }| {
            (picture, PlotSource::Model { model, csv }, canvas)
        };
        let (picture, source, canvas) = match self {
            Self::Map(map) => of_model(Picture::Map, map),
            Self::Sizes(sizes) => of_model(Picture::Sizes, sizes),
            Self::SuggestK(SuggestArguments { tries, canvas }) => {
                let source = PlotSource::SuggestK { suggest_k: tries.request() };
                (Picture::SuggestK, source, canvas)
            }
        };
        PlotRequest {
            picture,
            source,
            out: Some(canvas.out),
            format: None,
            width: canvas.width,
            height: canvas.height,
            dark: canvas.dark,
            language: Some(language),
        }
    }
}
