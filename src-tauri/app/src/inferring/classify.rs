//! Texts into classes; see [`crate::ops::classify`].

use mirante_neural::Number;
use mirante_neural::classify::{Classes, Classifier};

use super::table::{Said, Task, infer, score};
use super::{Asked, ran_on, wanted};
use crate::app::App;
use crate::error::Result;
use crate::job::Job;
use crate::ops::classify::{
    ClassScore, Classified, ClassifyRequest, ClassifyResponse, ClassifyTableRequest, DEFAULT_MODEL,
};
use crate::ops::inference::InferredTable;

pub(crate) fn classify(app: &App, job: &Job, request: ClassifyRequest) -> Result<ClassifyResponse> {
    let model = Asked::<Classifier>::open(app, &request.settings, DEFAULT_MODEL)?;
    let Classes { scores, cut } = model.engine.classify(request.texts, model.pace(&wanted(job)))?;
    Ok(ClassifyResponse {
        results: scores.iter().map(|scores| classified(&model, scores)).collect(),
        model: model.model(),
        ran_on: ran_on(Number::F32),
        cut: cut as u64,
    })
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
        |_| ran_on(Number::F32),
        |model, texts| {
            let Classes { scores, cut } = model.engine.classify(texts, model.pace(&wanted(job)))?;
            let best: Vec<_> = scores.iter().map(|scores| classified(model, scores)).collect();
            Ok(Said {
                cells: best.iter().map(|one| vec![one.label.clone(), score(one.score)]).collect(),
                found: best.into_iter().map(|one| one.label).collect(),
                cut,
            })
        },
    )
}
