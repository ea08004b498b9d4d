//! Pictures for reports: of a kept run, or of a saved model and its table.

use std::path::{Path, PathBuf};

use mirante_data::cluster;
use mirante_data::export::Beside;
use mirante_data::plot::{
    self, Image, MapPicture, Numbers, PlotError, SegmentBar, SegmentLabel, Style,
};
use mirante_data::progress::Progress;
use mirante_data::project2d::view_bounds;
use mirante_data::segment::map_of;

use crate::app::App;
use crate::error::{Error, Result};
use crate::exporting::export_path;
use crate::job::Job;
use crate::locale::{Language, word};
use crate::mapping::{project_error, rows_of};
use crate::model::SavedModel;
use crate::ops::export::{ExportResponse, Picture, PlotRequest, PlotSource};
use crate::ops::segment::{Segment, Source};

/// Terms that stand for a segment without a name.
const TERMS: usize = 3;

/// Draws a picture; see [`crate::ops::export::plot`].
pub(crate) fn plot(app: &App, job: &Job, request: &PlotRequest) -> Result<ExportResponse> {
    let path = target(app, request)?;
    let image = image_of(&path)?;
    let failed = |error| Error::writing(&path, error);
    // Opened first: better to hear of a missing folder now than after the map was laid out.
    let mut out = Beside::create(&path).map_err(failed)?;
    let scene = Scene::of(app, job, request)?;
    job.step("draw", None);
    job.checkpoint()?;
    scene.draw(request, image, &mut out).map_err(|error| plot_error(&path, error))?;
    out.commit().map_err(failed)?;
    let bytes = std::fs::metadata(&path).map_err(|error| Error::reading(&path, error))?.len();
    Ok(ExportResponse { path: path.display().to_string(), rows: 0, bytes })
}

fn target(app: &App, request: &PlotRequest) -> Result<PathBuf> {
    if let Some(out) = &request.out {
        return Ok(PathBuf::from(out));
    }
    let extension = request.format.as_deref().unwrap_or("svg");
    let name = match &request.source {
        PlotSource::Run { run } => app.dataset(app.run(*run)?.dataset)?.name,
        PlotSource::Model { model, .. } => {
            Path::new(model).file_stem().unwrap_or_default().to_string_lossy().into_owned()
        }
    };
    let picture = match request.picture {
        Picture::Map => "map",
        Picture::Sizes => "sizes",
    };
    export_path(app, &format!("{name}-{picture}"), extension)
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

/// What a picture shows.
struct Scene {
    title: String,
    segments: Vec<Segment>,
    /// For a map: where each row is and its segment.
    map: Option<(Vec<[f32; 2]>, Vec<u16>)>,
}

impl Scene {
    fn of(app: &App, job: &Job, request: &PlotRequest) -> Result<Self> {
        match &request.source {
            PlotSource::Run { run } => Self::of_run(app, job, *run, request.picture),
            PlotSource::Model { model, csv } => {
                Self::of_model(app, job, model.as_ref(), csv.as_deref(), request.picture)
            }
        }
    }

    fn of_run(app: &App, job: &Job, run: i64, picture: Picture) -> Result<Self> {
        let kept = app.run(run)?;
        let title = app.dataset(kept.dataset)?.name;
        let map = match picture {
            Picture::Sizes => None,
            Picture::Map => {
                crate::mapping::lay_out(app, job, run)?;
                let open = app.open_run(run)?;
                let points = open.points.clone().ok_or(Error::NoMap { run })?;
                Some((points, open.labels.clone()))
            }
        };
        Ok(Self { title, segments: kept.result.segments, map })
    }

    fn of_model(
        app: &App,
        job: &Job,
        path: &Path,
        csv: Option<&str>,
        picture: Picture,
    ) -> Result<Self> {
        let model = SavedModel::read(path)?;
        let source = match csv {
            Some(csv) => Source::File { path: csv.to_owned(), options: Default::default() },
            None => model.source.clone(),
        };
        let title = match &source {
            Source::File { path, .. } => {
                Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned()
            }
            Source::Dataset { dataset } => app.dataset(*dataset)?.name,
        };
        let mut segments = model.segments.clone();
        if picture == Picture::Sizes && csv.is_none() {
            return Ok(Self { title, segments, map: None });
        }
        let rows = rows_of(app, job, &model, &source)?;
        let labels = cluster::assign(&rows, &model.centroids, job)?;
        let labels: Vec<u16> = labels.into_iter().map(|label| label as u16).collect();
        for segment in &mut segments {
            let own = labels.iter().filter(|&&label| u32::from(label) == segment.id);
            segment.count = own.count() as u64;
            segment.share = segment.count as f64 / labels.len().max(1) as f64;
        }
        let map = match picture {
            Picture::Sizes => None,
            Picture::Map => {
                let limit = crate::memory::usual_limit();
                let (points, _) =
                    map_of(&rows, model.settings.seed, limit, job).map_err(project_error)?;
                Some((points, labels))
            }
        };
        Ok(Self { title, segments, map })
    }

    fn draw(
        &self,
        request: &PlotRequest,
        image: Image,
        out: &mut dyn std::io::Write,
    ) -> std::result::Result<(), PlotError> {
        let language = Language::of_system();
        let decimal = if language == Language::PtBr { ',' } else { '.' };
        let count = |count: u64| grouped(count, if decimal == ',' { '.' } else { ',' });
        let with_mark = |text: String| text.replace('.', &decimal.to_string());
        let share = |share: f64| with_mark(format!("{:.1}%", 100.0 * share));
        let measure = |value: f64| with_mark(format!("{value:.3}"));
        let numbers = Numbers { count: &count, share: &share, measure: &measure };
        let rows: u64 = self.segments.iter().map(|segment| segment.count).sum();
        let subtitle = format!("{} {}", count(rows), word(language, "cli", "rows"));
        let style = Style {
            width: request.width,
            height: request.height,
            dark: request.dark,
            title: &self.title,
            subtitle: &subtitle,
        };
        match &self.map {
            Some((points, labels)) => {
                let bounds = view_bounds(points);
                let segments: Vec<SegmentLabel> = self
                    .segments
                    .iter()
                    .map(|segment| SegmentLabel { name: name(segment), count: segment.count })
                    .collect();
                let picture = MapPicture {
                    points,
                    labels,
                    segments: &segments,
                    bounds: [bounds.min, bounds.max],
                    numbers,
                };
                plot::map(out, image, &picture, &style)
            }
            None => {
                let bars: Vec<SegmentBar> = self.segments.iter().map(bar).collect();
                plot::sizes(out, image, &bars, numbers, &style)
            }
        }
    }
}

fn bar(segment: &Segment) -> SegmentBar {
    SegmentBar {
        name: name(segment),
        count: segment.count,
        share: segment.share,
        terms: segment.terms.iter().map(|term| term.term.clone()).collect(),
    }
}

fn name(segment: &Segment) -> String {
    segment.name.clone().unwrap_or_else(|| {
        let terms: Vec<_> = segment.terms.iter().take(TERMS).map(|t| t.term.as_str()).collect();
        terms.join(", ")
    })
}

/// A count with its thousands apart.
fn grouped(count: u64, mark: char) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(7, '.'), "7");
        assert_eq!(grouped(4_109, '.'), "4.109");
        assert_eq!(grouped(1_234_567, ','), "1,234,567");
    }
}
