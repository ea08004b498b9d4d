/** Short messages in the corner: what was done, or what failed with its next step. */
import { failureOf } from "../backend/backend";
import type { Failure } from "../gen/operations";

export interface Toast {
  id: number;
  text: string;
  failure: Failure | null;
  action: { label: string; run: () => void } | null;
}

class Toasts {
  list = $state<Toast[]>([]);
  private last = 0;

  /** Says something; it goes away by itself. */
  say(text: string, action: Toast["action"] = null): void {
    this.add({ text, failure: null, action }, action === null ? 4000 : 8000);
  }

  /** Shows a failure until it is dismissed. A gone server has its own banner and needs no toast. */
  fail(error: unknown): void {
    const failure = failureOf(error);
    if (failure.code === "server_gone" || failure.code === "cancelled") return;
    const same = this.list.find((toast) => toast.failure !== null && JSON.stringify(toast.failure) === JSON.stringify(failure));
    if (same === undefined) this.add({ text: "", failure, action: null }, null);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  private add(toast: Omit<Toast, "id">, stays: number | null): void {
    this.last += 1;
    const id = this.last;
    this.list = [...this.list.slice(-3), { ...toast, id }];
    if (stays !== null) setTimeout(() => this.dismiss(id), stays);
  }
}

export const toasts = new Toasts();
