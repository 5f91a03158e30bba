import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useId, useRef } from 'preact/hooks';
import { html } from './html-template.ts';

/** The browser's own dialog: it keeps the focus, closes by Escape, and gives the focus back. */
export function ModalDialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const isOver = useRef(false);
  useLayoutEffect(() => {
    const { current } = dialog;
    const before = document.activeElement;
    current?.showModal();
    return () => {
      isOver.current = true;
      current?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  /** Not by the browser: it would tell of it later, and what opens the dialog would do nothing until then. */
  const cancel = (event: Event): void => {
    event.preventDefault();
    onClose();
  };
  /** The browser tells of the end of a dialog later, when another one may be open. */
  const close = (): void => {
    if (!isOver.current) onClose();
  };
  return html`<dialog ref=${dialog} aria-labelledby=${id} onCancel=${cancel} onClose=${close}>
    <h2 id=${id}>${title}</h2>
    ${children}
  </dialog>`;
}
