//! Texts into classes; see [`crate::ops::classify`].

use std::sync::Arc;

use mirante_neural::Pace;
use mirante_neural::classify::{Classes, Classifier};

use super::table::{Said, Task, infer, score};
use super::{Asked, ran_on, wanted};
use crate::app::App;
use crate::error::Result;
use crate::job::Job;
use crate::models::FEW;
use crate::ops::classify::{
    ClassScore, Classified, ClassifyRequest, ClassifyResponse, ClassifyTableRequest, DEFAULT_MODEL,
};
use crate::ops::inference::InferredTable;

pub(crate) fn classify(app: &App, job: &Job, request: ClassifyRequest) -> Result<ClassifyResponse> {
    let model = Asked::<Classifier>::open(app, &request.settings, DEFAULT_MODEL)?;
    let found = if request.texts.len() < FEW {
        let queue = app.queues.of::<String, (Vec<f32>, bool)>(&model.queue("classify"));
        let (engine, batch) = (Arc::clone(&model.engine), model.batch);
        let work = move |texts| Ok(pairs(engine.classify(texts, Pace { batch, go_on: &|| true })?));
        queue.ask(request.texts, Arc::new(work))?
    } else {
        pairs(model.engine.classify(request.texts, model.pace(&wanted(job)))?)
    };
    let cut = found.iter().filter(|(_, is_cut)| *is_cut).count();
    let scores: Vec<_> = found.into_iter().map(|(scores, _)| scores).collect();
    Ok(ClassifyResponse {
        results: scores.iter().map(|scores| classified(&model, scores)).collect(),
        model: model.model(),
        ran_on: ran_on(model.engine.runs_on()),
        cut: cut as u64,
    })
}

/// Every text's scores, and whether it was cut off.
fn pairs(found: Classes) -> Vec<(Vec<f32>, bool)> {
    found.scores.into_iter().zip(found.is_cut).collect()
}

fn classified(model: &Asked<Classifier>, scores: &[f32]) -> Classified {
    let labels = model.engine.labels().iter().zip(scores);
    let mut scores: Vec<_> =
        labels.map(|(label, &score)| ClassScore { label: label.clone(), score }).collect();
    scores.sort_by(|one, other| other.score.total_cmp(&one.score));
    let best = scores.first();
    Classified {
        label: best.map(|best| best.label.clone()).unwrap_or_default(),
        score: best.map_or(0.0, |best| best.score),
        scores,
    }
}

pub(crate) fn classify_table(
    app: &App,
    job: &Job,
    request: &ClassifyTableRequest,
) -> Result<InferredTable> {
    let task = Task {
        table: &request.table,
        settings: &request.settings,
        usual: DEFAULT_MODEL,
        columns: &["classe", "classe_score"],
    };
    infer::<Classifier>(
        app,
        job,
        &task,
        |engine| ran_on(engine.runs_on()),
        |model, texts| {
            let Classes { scores, is_cut } =
                model.engine.classify(texts, model.pace(&wanted(job)))?;
            let best: Vec<_> = scores.iter().map(|scores| classified(model, scores)).collect();
            Ok(Said {
                cells: best.iter().map(|one| vec![one.label.clone(), score(one.score)]).collect(),
                found: best.into_iter().map(|one| one.label).collect(),
                cut: is_cut.iter().filter(|&&is_cut| is_cut).count(),
            })
        },
    )
}
