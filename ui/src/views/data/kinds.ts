/** Kinds and roles of columns, with the sign each is shown by. */
import type { Kind, Role } from "../../gen/operations";
import type { IconName } from "../../shared/icons";

export const KINDS: Kind[] = ["text", "integer", "number", "boolean", "date", "empty"];
export const ROLES: Role[] = ["text", "category", "number", "date", "identifier"];

const signs: Record<Role, IconName> = { text: "text", category: "tag", number: "number", date: "date", identifier: "key" };

export const roleIcon = (role: Role): IconName => signs[role];

/** Whether a column's cells stand to the right. Identifiers are digits to be read, not counted. */
export const isNumeric = (kind: Kind, role: Role): boolean => (kind === "integer" || kind === "number") && role !== "identifier";
