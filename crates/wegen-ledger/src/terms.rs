//! Terms read back, each once.

use std::{cell::RefCell, sync::Arc};

use wegen_model::{Code, IndicatorId, indicators};

use crate::{Ledger, LedgerError, store::damaged};

/// Terms whose numbers are above this are looked up each time: a number is no reason to take memory.
const MOST: usize = 1 << 22;

/// A text that recurs, with what it is as a code and as an indicator.
struct Term {
    text: Arc<str>,
    code: Option<Code>,
    indicator: Option<IndicatorId>,
}

/// Terms by their number.
#[derive(Default)]
pub(crate) struct TermCache {
    known: Vec<Option<Arc<Term>>>,
}

/// Terms as one reading sees them: a transaction that is open may be taken back, and its terms with it, so those it
/// reads are kept for this reading alone.
pub(crate) struct Terms<'a> {
    ledger: &'a Ledger,
    own: Option<RefCell<TermCache>>,
}

impl<'a> Terms<'a> {
    pub(crate) fn new(ledger: &'a Ledger) -> Terms<'a> {
        let own = (!ledger.db.is_autocommit()).then(RefCell::default);
        Terms { ledger, own }
    }

    fn with<T>(&self, id: i64, take: impl FnOnce(&Term) -> T) -> Result<T, LedgerError> {
        let cache = self.own.as_ref().unwrap_or(&self.ledger.terms);
        let at = usize::try_from(id).ok().filter(|at| *at < MOST);
        if let Some(Some(term)) = at.and_then(|at| cache.borrow().known.get(at).cloned()) {
            return Ok(take(&term));
        }
        let mut statement = self.ledger.db.prepare_cached("SELECT text FROM term WHERE id = ?1")?;
        let text: Arc<str> = statement.query_row([id], |r| r.get::<_, String>(0))?.into();
        let term = Term { code: Code::new(&text).ok(), indicator: indicators().get(&text), text };
        let taken = take(&term);
        if let Some(at) = at {
            let known = &mut cache.borrow_mut().known;
            if known.len() <= at {
                known.resize_with(at + 1, || None);
            }
            known[at] = Some(Arc::new(term));
        }
        Ok(taken)
    }

    pub(crate) fn text(&self, id: Option<i64>) -> Result<Option<Arc<str>>, LedgerError> {
        id.map(|id| self.with(id, |t| t.text.clone())).transpose()
    }

    pub(crate) fn code(&self, id: Option<i64>) -> Result<Option<Code>, LedgerError> {
        let Some(id) = id else { return Ok(None) };
        let found = self.with(id, |t| t.code.ok_or_else(|| t.text.clone()))?;
        found.map(Some).map_err(|text| match Code::new(&text) {
            Err(error) => damaged(error),
            Ok(_) => damaged("a code that is none"),
        })
    }

    pub(crate) fn known_code(&self, id: Option<i64>) -> Result<Code, LedgerError> {
        self.code(id)?.ok_or_else(|| damaged("a place is missing"))
    }

    pub(crate) fn indicator(&self, id: i64) -> Result<IndicatorId, LedgerError> {
        self.with(id, |t| t.indicator.ok_or_else(|| damaged(format!("no indicator `{}`", t.text))))?
    }
}
