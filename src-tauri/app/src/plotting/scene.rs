//! What a picture shows.

use std::io::Write;
use std::path::Path;

use mirante_data::cluster;
use mirante_data::plot::{
    self, Candidate, Image, MapPicture, Numbers, PlotError, SegmentBar, SegmentLabel, Style,
    SuggestPicture,
};
use mirante_data::project2d::view_bounds;
use mirante_data::segment::map_of;

use super::{name_of, suggested};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::locale::{Language, word};
use crate::mapping::{project_error, rows_of};
use crate::model::SavedModel;
use crate::ops::export::{Picture, PlotRequest, PlotSource};
use crate::ops::segment::{Segment, Source, SuggestKResponse, TriedK};
use crate::segmenting;

/// Terms that stand for a segment without a name.
const TERMS: usize = 3;

/// A picture's title and what is drawn under it.
pub(super) struct Scene {
    pub(super) title: String,
    shown: Shown,
}

enum Shown {
    Sizes(Vec<Segment>),
    /// Where each row is, and its segment.
    Map {
        segments: Vec<Segment>,
        points: Vec<[f32; 2]>,
        labels: Vec<u16>,
    },
    SuggestK(SuggestKResponse),
}

impl Scene {
    pub(super) fn of(app: &App, job: &Job, request: &PlotRequest) -> Result<Self> {
        match &request.source {
            PlotSource::Run { run } => Self::of_run(app, job, *run, request.picture),
            PlotSource::Model { model, csv } => {
                Self::of_model(app, job, model.as_ref(), csv.as_deref(), request.picture)
            }
            PlotSource::Job { job } => {
                let (asked, found) = suggested(app, *job)?;
                Ok(Self { title: name_of(app, &asked.source)?, shown: Shown::SuggestK(found) })
            }
            PlotSource::SuggestK { suggest_k } => {
                let found = segmenting::suggest_k(app, job, suggest_k)?;
                Ok(Self { title: name_of(app, &suggest_k.source)?, shown: Shown::SuggestK(found) })
            }
        }
    }

    fn of_run(app: &App, job: &Job, run: i64, picture: Picture) -> Result<Self> {
        let kept = app.run(run)?;
        let title = app.dataset(kept.dataset)?.name;
        let segments = kept.result.segments;
        if picture != Picture::Map {
            return Ok(Self { title, shown: Shown::Sizes(segments) });
        }
        crate::mapping::lay_out(app, job, run)?;
        let open = app.open_run(run)?;
        let points = open.points.clone().ok_or(Error::NoMap { run })?;
        let labels = open.labels.clone();
        Ok(Self { title, shown: Shown::Map { segments, points, labels } })
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
        let title = name_of(app, &source)?;
        if picture != Picture::Map && csv.is_none() {
            return Ok(Self { title, shown: Shown::Sizes(model.segments) });
        }
        let rows = rows_of(app, job, &model, &source)?;
        let labels = cluster::assign(&rows, &model.centroids, job)?;
        let mut segments = model.segments;
        segmenting::count_rows(&mut segments, &labels);
        if picture != Picture::Map {
            return Ok(Self { title, shown: Shown::Sizes(segments) });
        }
        let limit = crate::memory::usual_limit();
        let (points, _) = map_of(&rows, model.settings.seed, limit, job).map_err(project_error)?;
        let labels = labels.into_iter().map(|label| label as u16).collect();
        Ok(Self { title, shown: Shown::Map { segments, points, labels } })
    }

    /// How many rows it is of, and for numbers of segments which is recommended.
    pub(super) fn subtitle(&self, language: Language) -> String {
        let rows = match &self.shown {
            Shown::Sizes(segments) | Shown::Map { segments, .. } => {
                segments.iter().map(|segment| segment.count).sum()
            }
            Shown::SuggestK(found) => found.rows,
        };
        let rows = format!("{} {}", language.count(rows), word(language, "cli", "rows"));
        let Shown::SuggestK(found) = &self.shown else { return rows };
        let recommended = word(language, "suggest", "recommended_other");
        format!("{rows} · {}", recommended.replace("{n}", &found.recommended.to_string()))
    }

    pub(super) fn draw(
        &self,
        language: Language,
        image: Image,
        style: &Style,
        out: &mut dyn Write,
    ) -> std::result::Result<(), PlotError> {
        let numbers = Numbers {
            count: &|count| language.count(count),
            share: &|share| format!("{}%", language.decimal(100.0 * share, 1)),
            measure: &|measure| language.decimal(measure, 3),
        };
        match &self.shown {
            Shown::Map { segments, points, labels } => {
                let bounds = view_bounds(points);
                let segments: Vec<SegmentLabel> = segments
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
                plot::map(out, image, &picture, style)
            }
            Shown::Sizes(segments) => {
                let bars: Vec<SegmentBar> = segments.iter().map(bar).collect();
                plot::sizes(out, image, &bars, numbers, style)
            }
            Shown::SuggestK(found) => {
                let names = ["inertia", "silhouette", "davies_bouldin"]
                    .map(|measure| word(language, "suggest", measure));
                let axis = format!("{} (k)", word(language, "segments", "clusters"));
                let candidates: Vec<Candidate> = found.tried.iter().map(candidate).collect();
                let picture = SuggestPicture {
                    candidates: &candidates,
                    recommended: found.recommended,
                    names: [&names[0], &names[1], &names[2]],
                    axis: &axis,
                    numbers,
                };
                plot::suggest_k(out, image, &picture, style)
            }
        }
    }
}

fn candidate(tried: &TriedK) -> Candidate {
    Candidate {
        k: tried.k,
        inertia: tried.inertia,
        silhouette: tried.silhouette.unwrap_or(f64::NAN),
        davies_bouldin: tried.davies_bouldin.unwrap_or(f64::NAN),
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
