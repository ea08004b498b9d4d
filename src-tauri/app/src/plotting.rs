//! Pictures for reports: of a kept run, of a saved model and its table, or of numbers of segments.

mod scene;

use std::path::{Path, PathBuf};

use mirante_data::export::Beside;
use mirante_data::plot::{Image, PlotError, Style};
use mirante_data::progress::Progress;

use crate::app::App;
use crate::error::{Error, Result};
use crate::exporting::export_path;
use crate::job::Job;
use crate::locale::{Language, word};
use crate::ops::export::{ExportResponse, Picture, PlotRequest, PlotSource};
use crate::ops::jobs::JobState;
use crate::ops::segment::{Source, SuggestKRequest, SuggestKResponse};
use scene::Scene;

/// Draws a picture; see [`crate::ops::export::plot`].
pub(crate) fn plot(app: &App, job: &Job, request: &PlotRequest) -> Result<ExportResponse> {
    check(request)?;
    let language = match request.language {
        Some(language) => language,
        None => Language::of(app)?,
    };
    let path = target(app, request, language)?;
    let image = image_of(&path)?;
    let failed = |error| Error::writing(&path, error);
    // Opened first: better to hear of a missing folder now than after the map was laid out.
    let mut out = Beside::create(&path).map_err(failed)?;
    let scene = Scene::of(app, job, request)?;
    job.step("draw", None);
    job.checkpoint()?;
    let subtitle = scene.subtitle(language);
    let style = Style {
        width: request.width,
        height: request.height,
        dark: request.dark,
        title: &scene.title,
        subtitle: &subtitle,
    };
    scene.draw(language, image, &style, &mut out).map_err(|error| plot_error(&path, error))?;
    job.checkpoint()?;
    out.commit().map_err(failed)?;
    let bytes = std::fs::metadata(&path).map_err(|error| Error::reading(&path, error))?.len();
    Ok(ExportResponse { path: path.display().to_string(), rows: 0, bytes, warnings: Vec::new() })
}

/// Segments are drawn from segments, numbers of them from what was tried.
fn check(request: &PlotRequest) -> Result<()> {
    let is_tried = matches!(request.source, PlotSource::Job { .. } | PlotSource::SuggestK { .. });
    if is_tried == (request.picture == Picture::SuggestK) {
        return Ok(());
    }
    Err(Error::BadOption {
        option: "source",
        value: if is_tried { "job, suggest_k" } else { "run, model" }.to_owned(),
        allowed: if is_tried { "run, model" } else { "job, suggest_k" }.to_owned(),
    })
}

fn target(app: &App, request: &PlotRequest, language: Language) -> Result<PathBuf> {
    if let Some(out) = &request.out {
        return Ok(PathBuf::from(out));
    }
    let extension = request.format.as_deref().unwrap_or("svg");
    let name = match &request.source {
        PlotSource::Run { run } => app.dataset(app.run(*run)?.dataset)?.name,
        PlotSource::Model { model, .. } => stem(model),
        PlotSource::Job { job } => name_of(app, &suggested(app, *job)?.0.source)?,
        PlotSource::SuggestK { suggest_k } => name_of(app, &suggest_k.source)?,
    };
    let picture = match request.picture {
        Picture::Map => "file_map",
        Picture::Sizes => "file_sizes",
        Picture::SuggestK => "file_suggest_k",
    };
    export_path(app, &format!("{name}-{}", word(language, "export", picture)), extension)
}

/// A table's name.
fn name_of(app: &App, source: &Source) -> Result<String> {
    match source {
        Source::File { path, .. } => Ok(stem(path)),
        Source::Dataset { dataset } => Ok(app.dataset(*dataset)?.name),
    }
}

fn stem(path: &str) -> String {
    Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What a job tried and found.
fn suggested(app: &App, id: i64) -> Result<(SuggestKRequest, SuggestKResponse)> {
    let job = app.job(id)?;
    if job.operation != "suggest_k" || job.state != JobState::Done {
        let allowed = "suggest_k".to_owned();
        return Err(Error::BadOption { option: "job", value: id.to_string(), allowed });
    }
    Ok((serde_json::from_value(job.request)?, serde_json::from_value(job.response)?))
}

fn image_of(path: &Path) -> Result<Image> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "svg" => Ok(Image::Svg),
        "png" => Ok(Image::Png),
        other => Err(Error::BadOption {
            option: "out",
            value: other.to_owned(),
            allowed: ".svg, .png".to_owned(),
        }),
    }
}

fn plot_error(path: &Path, error: PlotError) -> Error {
    match error {
        PlotError::Io(source) => Error::writing(path, source),
        PlotError::Size { width, height } => Error::BadOption {
            option: "width × height",
            value: format!("{width} × {height}"),
            allowed: "320 × 240 – 16384 × 16384".to_owned(),
        },
        other => Error::Internal { reason: other.to_string() },
    }
}
