//! What was said of candidates, in the database: a row a judgement, never changed.

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::app::App;
use crate::error::Result;
use crate::ops::labels::{QaJudgement, QaSpan};
use crate::store::now;

/// The latest judgement of each candidate of some documents, without those that were taken back.
const LATEST: &str = "select * from judgements where id in (
        select max(id) from judgements where document in (select value from json_each(?))
        group by document, question, start, end
    ) and verdict != 'withdrawn' order by document, question, start, end";

impl App {
    /// The text of a document in which somebody judged an answer.
    pub(crate) fn judged_text(&self, hash: &str) -> Result<Option<String>> {
        if !self.has_home() {
            return Ok(None);
        }
        self.store()?.with(async |pool| {
            sqlx::query_scalar("select text from documents where hash = ?")
                .bind(hash)
                .fetch_optional(&pool)
                .await
        })
    }

    /// The documents in which somebody judged an answer, in the order in which they were first judged.
    pub(crate) fn judged_documents(&self) -> Result<Vec<String>> {
        if !self.has_home() {
            return Ok(Vec::new());
        }
        self.store()?.with(async |pool| {
            sqlx::query_scalar("select document from judgements group by document order by min(id)")
                .fetch_all(&pool)
                .await
        })
    }

    /// Keeps judgements, all of them or none, and the texts of their documents with the first ones; answers them
    /// as they are kept.
    pub(crate) fn judge(
        &self,
        mut judgements: Vec<QaJudgement>,
        texts: &BTreeMap<String, String>,
    ) -> Result<Vec<QaJudgement>> {
        let at = now();
        let named = |one: &QaJudgement| Ok((name_of(&one.by)?, name_of(&one.verdict)?));
        let names = judgements.iter().map(named).collect::<Result<Vec<_>>>()?;
        self.store()?.transaction(async |store| {
            for (hash, text) in texts {
                let keep =
                    "insert into documents (hash, text) values (?, ?) on conflict do nothing";
                sqlx::query(keep).bind(hash).bind(text).execute(&mut **store).await?;
            }
            for (judgement, (by, verdict)) in judgements.iter_mut().zip(&names) {
                let answer = judgement.answer.as_ref();
                let kept = sqlx::query(
                    "insert into judgements (at, document, name, source, field, question, start,
                     end, text, found_by, score, verdict, answer_start, answer_end, answer_text)
                     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )
                .bind(at)
                .bind(&judgement.document)
                .bind(&judgement.name)
                .bind(&judgement.source)
                .bind(&judgement.field)
                .bind(&judgement.question)
                .bind(judgement.start.cast_signed())
                .bind(judgement.end.cast_signed())
                .bind(&judgement.text)
                .bind(by)
                .bind(f64::from(judgement.score))
                .bind(verdict)
                .bind(answer.map(|answer| answer.start.cast_signed()))
                .bind(answer.map(|answer| answer.end.cast_signed()))
                .bind(answer.map(|answer| answer.text.as_str()))
                .execute(&mut **store)
                .await?;
                (judgement.id, judgement.at) = (kept.last_insert_rowid(), at);
            }
            Ok(())
        })?;
        Ok(judgements)
    }

    /// What counts of some documents: each candidate's latest judgement.
    pub(crate) fn judgements(&self, documents: &[String]) -> Result<Vec<QaJudgement>> {
        if !self.has_home() {
            return Ok(Vec::new());
        }
        let documents = serde_json::to_string(documents)?;
        let rows = self
            .store()?
            .with(async |pool| sqlx::query(LATEST).bind(&documents).fetch_all(&pool).await)?;
        rows.iter().map(judgement_from).collect()
    }
}

/// What a value is called where it is kept.
fn name_of(value: &impl serde::Serialize) -> Result<String> {
    let value = serde_json::to_value(value)?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

fn judgement_from(row: &SqliteRow) -> Result<QaJudgement> {
    let named = |column| serde_json::Value::String(row.get(column));
    let place = |column| row.get::<Option<i64>, _>(column).map(i64::cast_unsigned);
    let answer = match (place("answer_start"), place("answer_end"), row.get("answer_text")) {
        (Some(start), Some(end), Some(text)) => Some(QaSpan { start, end, text }),
        _ => None,
    };
    Ok(QaJudgement {
        id: row.get("id"),
        at: row.get("at"),
        document: row.get("document"),
        name: row.get("name"),
        source: row.get("source"),
        field: row.get("field"),
        question: row.get("question"),
        start: row.get::<i64, _>("start").cast_unsigned(),
        end: row.get::<i64, _>("end").cast_unsigned(),
        text: row.get("text"),
        by: serde_json::from_value(named("found_by"))?,
        score: row.get("score"),
        verdict: serde_json::from_value(named("verdict"))?,
        answer,
    })
}
