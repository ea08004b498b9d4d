//! Texts into classes; see [`crate::ops::classify`].

use std::sync::Arc;

use mirante_neural::Pace;
use mirante_neural::classify::{Classes, Classifier};

use super::table::{Asker, Said, Task, infer, infer_by, score};
use super::{Asked, ran_on, wanted};
use crate::app::App;
use crate::error::Result;
use crate::job::Job;
use crate::learning::Linear;
use crate::models::FEW;
use crate::ops::classify::{
    ClassScore, Classified, ClassifyRequest, ClassifyResponse, ClassifyTableRequest, DEFAULT_MODEL,
};
use crate::ops::inference::InferredTable;

pub(crate) fn classify(app: &App, job: &Job, request: ClassifyRequest) -> Result<ClassifyResponse> {
    if let Some(own) = Linear::find(app, request.settings.model.as_deref())? {
        let found = own.classify(&request.texts, job)?;
        let results = found.scores.iter().map(|scores| classified(own.labels(), scores)).collect();
        let (model, ran_on, cut) = (own.name(), own.ran_on(), found.cut as u64);
        return Ok(ClassifyResponse { results, model, ran_on, cut });
    }
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
        results: scores.iter().map(|scores| classified(model.engine.labels(), scores)).collect(),
        model: model.model(),
        ran_on: ran_on(model.engine.runs_on()),
        cut: cut as u64,
    })
}

/// Every text's scores, and whether it was cut off.
fn pairs(found: Classes) -> Vec<(Vec<f32>, bool)> {
    found.scores.into_iter().zip(found.is_cut).collect()
}

fn classified(labels: &[String], scores: &[f32]) -> Classified {
    let labels = labels.iter().zip(scores);
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
    let said = |labels: &[String], scores: &[Vec<f32>], cut| {
        let best: Vec<_> = scores.iter().map(|scores| classified(labels, scores)).collect();
        Said {
            cells: best.iter().map(|one| vec![one.label.clone(), score(one.score)]).collect(),
            found: best.into_iter().map(|one| one.label).collect(),
            cut,
        }
    };
    if let Some(own) = Linear::find(app, request.settings.model.as_deref())? {
        return infer_by(app, job, &task, || {
            let (model, ran_on) = (own.name(), own.ran_on());
            let ask = move |texts: Vec<String>| {
                let found = own.classify(&texts, job)?;
                Ok(said(own.labels(), &found.scores, found.cut))
            };
            Ok(Asker { model, ran_on, ask })
        });
    }
    infer::<Classifier>(
        app,
        job,
        &task,
        |engine| ran_on(engine.runs_on()),
        |model, texts| {
            let Classes { scores, is_cut } =
                model.engine.classify(texts, model.pace(&wanted(job)))?;
            let cut = is_cut.iter().filter(|&&is_cut| is_cut).count();
            Ok(said(model.engine.labels(), &scores, cut))
        },
    )
}
