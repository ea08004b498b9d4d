//! The operations as TypeScript, so that the screen cannot ask for what does not exist.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use ts_rs::{Config, TS, TypeVisitor};

use crate::ops::{self, Answer, Contract, Operation, Visitor};

/// One TypeScript module with every request and response type and the `Operations` interface.
#[must_use]
pub fn module() -> String {
    let mut printer = Printer {
        config: Config::default().with_large_int("number"),
        seen: HashSet::new(),
        declarations: BTreeMap::new(),
        operations: String::new(),
    };
    printer.visit::<crate::error::Failure>();
    ops::visit(&mut printer);
    let mut text =
        String::from("// Generated from src-tauri/app by `make types`. Do not edit.\n\n");
    for declaration in printer.declarations.values() {
        let _ = writeln!(text, "{declaration}\n");
    }
    let _ = write!(
        text,
        "/** Every operation: how it answers, what it takes, what it gives. */\nexport interface Operations {{\n{}}}\n",
        printer.operations
    );
    text
}

struct Printer {
    config: Config,
    seen: HashSet<TypeId>,
    declarations: BTreeMap<String, String>,
    operations: String,
}

impl TypeVisitor for Printer {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let declaration = format!("{docs}export {}", T::decl(&self.config));
            self.declarations.insert(T::ident(&self.config), declaration);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

impl Visitor for Printer {
    fn operation<Q, A>(&mut self, operation: Operation)
    where
        Q: Contract,
        A: Contract,
    {
        self.visit::<Q>();
        self.visit::<A>();
        let (answer, response) = match operation.answer() {
            Answer::Query => ("query", <A as TS>::name(&self.config)),
            Answer::Private => ("private", <A as TS>::name(&self.config)),
            Answer::Job => ("job", <A as TS>::name(&self.config)),
            Answer::Bytes => ("bytes", "ArrayBuffer".to_owned()),
        };
        let _ = writeln!(
            self.operations,
            "  {}: {{ answer: \"{answer}\"; request: {}; response: {response} }};",
            operation.name(),
            <Q as TS>::name(&self.config),
        );
    }
}
