//! `mirante index`, `mirante search`, `mirante eval-retrieval`.

use mirante_app::locale::{Language, word};
use mirante_app::{App, Job, Result, ops};

use crate::arguments::{
    EvalRetrievalArguments, IndexArguments, SearchArguments, UpdateIndexArguments,
};
use crate::print;

pub(super) fn index(app: &App, job: &Job, given: IndexArguments, language: Language) -> Result<()> {
    let json = given.json;
    let index = ops::search::index_table(app, job, given.request())?;
    if json {
        return print::json(&index);
    }
    print::line(&format!(
        "{} · {} {} · {} · {}",
        index.name,
        index.rows,
        word(language, "cli", "rows"),
        index.text_cols.join(" + "),
        index.space.map_or_else(|| word(language, "cli", "words_alone"), |space| space.to_string()),
    ));
    Ok(())
}

pub(super) fn update_index(
    app: &App,
    job: &Job,
    given: UpdateIndexArguments,
    language: Language,
) -> Result<()> {
    let json = given.json;
    let done = ops::search::update_index(app, job, given.request()?)?;
    if json {
        return print::json(&done);
    }
    let word = |key: &str| word(language, "cli", key);
    let mut said = format!(
        "{} · {} {} · +{} ~{} -{}",
        done.index.name,
        done.index.rows,
        word("rows"),
        done.added,
        done.changed,
        done.removed,
    );
    if done.rebuilt {
        said += &format!(" · {}", word("rebuilt"));
    }
    print::line(&said);
    Ok(())
}

pub(super) fn search(app: &App, job: &Job, given: SearchArguments) -> Result<()> {
    let json = given.json;
    let found = ops::search::search(app, job, given.request()?)?;
    if json {
        return print::json(&found.results);
    }
    for hit in &found.results {
        print::line(&format!("{:>8} {:>9.4}  {}", hit.row, hit.score, print::cut(&hit.text, 160)));
    }
    Ok(())
}

pub(super) fn eval_retrieval(app: &App, job: &Job, given: EvalRetrievalArguments) -> Result<()> {
    let json = given.json;
    let found = ops::search::eval_retrieval(app, job, given.request())?;
    if json {
        return print::json(&found);
    }
    print::line(&format!("nDCG@10 {:.4}   MRR@10 {:.4}", found.ndcg_10, found.mrr_10));
    let recall: Vec<_> =
        found.recall.iter().map(|(place, share)| format!("recall@{place} {share:.4}")).collect();
    print::line(&recall.join("   "));
    Ok(())
}
