//! The short routes in OpenAPI.

use mirante_app::ops::generate::GenerateResponse;
use mirante_app::ops::jobs::{JobStatus, JobsResponse};
use mirante_app::ops::leads::ScoreLeadsResponse;
use mirante_app::ops::search::{SearchRequest, SearchResponse};
use mirante_app::ops::segment::SegmentResponse;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::generate::GenerateBody;
use super::leads::{ScoreBody, ScoreOfOne};
use super::limits::{AT_ONCE, MOST_TABLE};
use super::segment::SegmentBody;
use super::texts::{
    AllEntities, AnswerBody, AnswerOfOne, Answers, Class, Classes, ClassifyBody, EmbedBody,
    Embedding, Embeddings, Entities, Summaries, SummarizeBody, Summary, TagBody,
};
use crate::serve::api::MOST_BYTES;
use crate::serve::openapi::Writer;

/// Adds the routes to a document.
pub(in crate::serve) fn paths(writer: &mut Writer) {
    let embed = either::<Embedding, Embeddings>(writer);
    post::<EmbedBody>(writer, "/ml/embed", "Vectors of one text or several", embed);
    let classes = either::<Class, Classes>(writer);
    post::<ClassifyBody>(writer, "/ml/classificar", "Classes, such as sentiments", classes);
    let entities = either::<Entities, AllEntities>(writer);
    post::<TagBody>(
        writer,
        "/ml/entidades",
        "Persons, places, organisations and the like",
        entities,
    );
    let answers = either::<AnswerOfOne, Answers>(writer);
    post::<AnswerBody>(writer, "/ml/responder", "The answer to a question, out of a text", answers);
    let summaries = either::<Summary, Summaries>(writer);
    post::<SummarizeBody>(writer, "/ml/resumir", "Summaries", summaries);
    let text = writer.schema::<GenerateResponse>();
    post::<GenerateBody>(writer, "/ml/gerar", "A text; with stream, as Server-Sent Events", text);
    let found = writer.schema::<SearchResponse>();
    post::<SearchRequest>(writer, "/busca", "Search in a table that was indexed", found);
    let scores = either::<ScoreOfOne, ScoreLeadsResponse>(writer);
    post::<ScoreBody>(writer, "/score-lead", "How likely leads are to convert, and why", scores);
    segment(writer);
    jobs(writer);
}

fn either<One: ToSchema, Many: ToSchema>(writer: &mut Writer) -> Value {
    json!({ "oneOf": [writer.schema::<One>(), writer.schema::<Many>()] })
}

fn json_of(schema: Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

fn responses(writer: &mut Writer, content: Value) -> Value {
    let failure = writer.failure();
    let refused = |what: &str| json!({ "description": what, "content": json_of(failure.clone()) });
    json!({
        "200": { "description": "The answer", "content": content },
        "422": refused("What is wrong with the request"),
        "503": refused("Too many at once: try again after Retry-After seconds"),
        "504": refused("It took too long and was stopped"),
        "default": refused("What went wrong"),
    })
}

fn post<Q: ToSchema>(writer: &mut Writer, path: &str, what: &str, answer: Value) {
    let body = writer.schema::<Q>();
    let responses = responses(writer, json_of(answer));
    let limits = format!("{what}. At most {} MB a request, {AT_ONCE} at once.", MOST_BYTES >> 20);
    writer.path(
        path,
        json!({ "post": {
            "summary": what,
            "description": limits,
            "requestBody": { "required": true, "content": json_of(body) },
            "responses": responses,
        } }),
    );
}

fn segment(writer: &mut Writer) {
    let body = writer.schema::<SegmentBody>();
    let found = writer.schema::<SegmentResponse>();
    let mut content = Map::new();
    content.insert("text/csv".to_owned(), json!({ "schema": { "type": "string" } }));
    content.insert("application/json".to_owned(), json!({ "schema": found }));
    let responses = responses(writer, Value::Object(content));
    let what = "A table with the segment of every row, or how many rows each has";
    let limits = format!("{what}. At most {} MB.", MOST_TABLE >> 20);
    let named = ["text_col", "clusters", "stop_words", "seed", "label_col", "answer"];
    let parameters = named.map(|name| {
        json!({ "name": name, "in": "query", "required": false, "schema": { "type": "string" } })
    });
    writer.path(
        "/ml/segmentar",
        json!({ "post": {
            "summary": what,
            "description": limits,
            "parameters": parameters,
            "requestBody": { "required": true, "content": {
                "text/csv": { "schema": { "type": "string" } },
                "multipart/form-data": { "schema": {
                    "type": "object",
                    "properties": { "file": { "type": "string", "format": "binary" } },
                } },
                "application/json": { "schema": body },
            } },
            "responses": responses,
        } }),
    );
}

fn jobs(writer: &mut Writer) {
    let all = writer.schema::<JobsResponse>();
    let all = responses(writer, json_of(all));
    writer.path("/jobs", json!({ "get": { "summary": "All jobs", "responses": all } }));
    let one = writer.schema::<JobStatus>();
    let one = responses(writer, json_of(one));
    let id =
        json!([{ "name": "job", "in": "path", "required": true, "schema": { "type": "integer" } }]);
    writer.path(
        "/jobs/{job}",
        json!({
            "get": { "summary": "How a job stands", "parameters": id, "responses": one },
            "delete": { "summary": "Cancel a job", "parameters": id, "responses": one },
        }),
    );
}
