//! Where a role is looked for, and what becomes of the fields that are tried.
//!
//! In: the paths of a role. Out: the first value that says something. Always: what is used is gone from the fields, and so is what says
//! nothing.

use serde_json::Value;

use super::Reader;
use crate::decode::alike::{Alike, Role};
use crate::decode::fields;
use crate::decode::preset::Paths;
use crate::decode::values::Tried;

/// Candidate paths for a role: the user's, then the preset's, then what others call it.
pub(super) struct Candidates<'a> {
    own: &'a [String],
    preset: Paths,
    others: Paths,
    /// At last the object's own names that are like those of the role.
    like: Option<Role>,
}

pub(super) fn paths(own: &[String], preset: Paths, others: Paths) -> Candidates<'_> {
    Candidates {
        own,
        preset,
        others,
        like: None,
    }
}

impl Candidates<'_> {
    pub(super) fn or_like(mut self, role: Role) -> Self {
        self.like = Some(role);
        self
    }

    fn named(&self) -> impl Iterator<Item = &str> {
        let names = self.preset.iter().chain(self.others).copied();
        self.own.iter().map(String::as_str).chain(names)
    }
}

impl Reader {
    /// The object's own paths whose names are like those of the roles, looked for once, to be put back.
    pub(super) fn alike(&mut self) -> Alike {
        match self.alike.take() {
            Some(alike) => alike,
            None if self.reads_alike => Alike::of(&self.fields),
            None => Alike::default(),
        }
    }

    /// Try candidates in order; what was used leaves the fields where it stands at the top, and so does what says nothing.
    pub(super) fn first<T>(&mut self, paths: &Candidates<'_>, read: impl Fn(&str, &Value) -> Tried<T>) -> Option<T> {
        self.first_but(&[], paths, read)
    }

    /// The same, but what is found under some names stays.
    pub(super) fn first_but<T>(
        &mut self,
        stay: &[&str],
        paths: &Candidates<'_>,
        read: impl Fn(&str, &Value) -> Tried<T>,
    ) -> Option<T> {
        let named = paths.named().find_map(|path| self.one(path, stay, &read));
        if named.is_some() {
            return named;
        }
        let role = paths.like?;
        let alike = self.alike();
        let found = alike.paths(role).find_map(|path| self.one(path, stay, &read));
        self.alike = Some(alike);
        found
    }

    /// Try one candidate.
    fn one<T>(&mut self, path: &str, stay: &[&str], read: impl Fn(&str, &Value) -> Tried<T>) -> Option<T> {
        let value = self.fields.get(path)?;
        let tried = if fields::is_empty(value) {
            Tried::Nothing
        } else {
            read(path, value)
        };
        match tried {
            Tried::Found(found) => {
                if !stay.contains(&path) {
                    self.drop_top(path);
                }
                return Some(found);
            }
            Tried::Nothing => self.drop_top(path),
            Tried::Unread => {}
            // Tools vary most in what they put into objects; a path of another candidate may lead into this one.
            Tried::WrongType if value.is_object() && !self.strict => {}
            Tried::WrongType => {
                let kind = fields::kind(value);
                self.wrong.get_or_insert_with(|| format!("field `{path}` is {kind}"));
            }
        }
        None
    }

    pub(super) fn drop_top(&mut self, path: &str) {
        self.fields.take_top(path);
    }
}
