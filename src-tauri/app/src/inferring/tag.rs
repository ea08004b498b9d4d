//! Entities in texts; see [`crate::ops::tag`].

use std::sync::Arc;

use mirante_neural::Pace;
use mirante_neural::tag::{Entity, Join, Tagger};

use super::table::{Said, Task, infer};
use super::{Asked, ran_on, wanted};
use crate::app::App;
use crate::error::Result;
use crate::job::Job;
use crate::models::FEW;
use crate::ops::inference::InferredTable;
use crate::ops::tag::{
    DEFAULT_MODEL, TagJoin, TagRequest, TagResponse, TagTableRequest, TaggedEntity,
};

pub(crate) fn tag(app: &App, job: &Job, request: TagRequest) -> Result<TagResponse> {
    let model = Asked::<Tagger>::open(app, &request.settings, DEFAULT_MODEL)?;
    Ok(TagResponse {
        entities: tagged(app, &model, request.texts, request.join, job)?,
        model: model.model(),
        ran_on: ran_on(model.engine.runs_on()),
    })
}

fn tagged(
    app: &App,
    model: &Asked<Tagger>,
    texts: Vec<String>,
    join: TagJoin,
    job: &Job,
) -> Result<Vec<Vec<TaggedEntity>>> {
    let join = match join {
        TagJoin::First => Join::First,
        TagJoin::Simple => Join::Simple,
    };
    let found = if texts.len() < FEW {
        let queue = app.queues.of::<String, Vec<Entity>>(&model.queue(&format!("tag {join:?}")));
        let (engine, batch) = (Arc::clone(&model.engine), model.batch);
        let work = move |texts| Ok(engine.tag(texts, join, Pace { batch, go_on: &|| true })?);
        queue.ask(texts.clone(), Arc::new(work))?
    } else {
        model.engine.tag(texts.clone(), join, model.pace(&wanted(job)))?
    };
    let of_text = |(text, entities): (&String, Vec<Entity>)| {
        let chars: Vec<char> = text.chars().collect();
        entities.into_iter().filter_map(|entity| trimmed(&chars, entity)).collect()
    };
    Ok(texts.iter().zip(found).map(of_text).collect())
}

/// An entity without the spaces that some tokenizers put to words; none where nothing else is left.
fn trimmed(text: &[char], entity: Entity) -> Option<TaggedEntity> {
    let Entity { kind, mut start, mut end, score } = entity;
    while start < end && text[start].is_whitespace() {
        start += 1;
    }
    while start < end && text[end - 1].is_whitespace() {
        end -= 1;
    }
    (start < end).then(|| TaggedEntity {
        text: text[start..end].iter().collect(),
        r#type: kind,
        start: start as u64,
        end: end as u64,
        score,
    })
}

pub(crate) fn tag_table(app: &App, job: &Job, request: &TagTableRequest) -> Result<InferredTable> {
    let task = Task {
        table: &request.table,
        settings: &request.settings,
        usual: DEFAULT_MODEL,
        columns: &["entidades"],
    };
    infer::<Tagger>(
        app,
        job,
        &task,
        |engine| ran_on(engine.runs_on()),
        |model, texts| {
            let all = tagged(app, model, texts, request.join, job)?;
            let cell = |entities: &Vec<TaggedEntity>| -> Result<Vec<String>> {
                Ok(vec![serde_json::to_string(entities)?])
            };
            Ok(Said {
                cells: all.iter().map(cell).collect::<Result<_>>()?,
                found: all.into_iter().flatten().map(|entity| entity.r#type).collect(),
                cut: 0,
            })
        },
    )
}
