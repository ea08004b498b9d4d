//! The operations as an OpenAPI document, made from the list itself.

use axum::Json;
use mirante_app::Failure;
use mirante_app::ops::jobs::JobStatus;
use mirante_app::ops::{self, Answer, Contract, Operation, Visitor};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Answers the document.
pub(super) async fn answer() -> Json<Value> {
    Json(document())
}

pub(super) fn document() -> Value {
    let mut writer = Writer { paths: serde_json::Map::new(), schemas: serde_json::Map::new() };
    writer.schema::<Failure>();
    ops::visit(&mut writer);
    super::ml::paths(&mut writer);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Mirante",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every operation of Mirante. A job answers 202 with its status; with ?wait=true it answers its result.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "security": [{ "token": [] }],
        "paths": writer.paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": writer.schemas,
        },
    })
}

/// A document being made.
pub(super) struct Writer {
    paths: serde_json::Map<String, Value>,
    schemas: serde_json::Map<String, Value>,
}

impl Writer {
    /// Takes in a type and everything it is made of, and answers a reference to it.
    pub(super) fn schema<T: ToSchema>(&mut self) -> Value {
        let mut parts = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut parts);
        for (name, schema) in parts {
            self.schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
        }
        json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
    }
}

impl Writer {
    /// What went wrong, as everywhere.
    pub(super) fn failure(&mut self) -> Value {
        self.schema::<Failure>()
    }

    /// Adds a path.
    pub(super) fn path(&mut self, path: &str, methods: Value) {
        self.paths.insert(path.to_owned(), methods);
    }
}

impl Visitor for Writer {
    fn operation<Q: Contract, A: Contract>(&mut self, operation: Operation) {
        if operation.answer() == Answer::Private {
            return;
        }
        let request = self.schema::<Q>();
        let json_of = |schema: Value| json!({ "application/json": { "schema": schema } });
        let (status, what, content) = match operation.answer() {
            Answer::Query | Answer::Private => ("200", "The answer", json_of(self.schema::<A>())),
            Answer::Bytes => ("200", "Bytes", json!({ "application/octet-stream": {} })),
            Answer::Job => ("202", "The job that was started", json_of(self.schema::<JobStatus>())),
        };
        let mut responses = json!({
            status: { "description": what, "content": content },
            "default": {
                "description": "What went wrong",
                "content": json_of(self.schema::<Failure>()),
            },
        });
        let mut parameters = json!([]);
        if operation.answer() == Answer::Job {
            responses["200"] = json!({
                "description": "With wait=true: the job's result",
                "content": json_of(self.schema::<A>()),
            });
            parameters = json!([{
                "name": "wait",
                "in": "query",
                "required": false,
                "schema": { "type": "boolean" },
            }]);
        }
        let path = json!({
            "post": {
                "operationId": operation.name(),
                "parameters": parameters,
                "requestBody": { "required": true, "content": json_of(request) },
                "responses": responses,
            },
        });
        self.paths.insert(format!("/api/{}", operation.name()), path);
    }
}
