import type { Report } from './report.ts';
import { member, stringOf } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';

/** Reports a public address that no move can take along, and a name that two providers would answer for. */
export function checkPublicName(tree: Tree, report: Report): void {
  const address = member(tree, 'publicUrl');
  const written = stringOf(address) ?? '';
  const host = URL.canParse(written) ? new URL(written).hostname : '';
  if (address !== undefined && /(^|\.)onrender\.com$/i.test(host)) {
    report.warning(
      'DB191',
      address.span,
      `${host} belongs to one service at Render, and cannot be moved to another`,
      {
        hint: 'Give users a name of your own, attached to the service as a custom domain, and name that here.',
      },
    );
  }
  const dns = member(tree, 'dns');
  const [cloudflare, route53] = [member(dns, 'cloudflare'), member(dns, 'route53')];
  if (cloudflare === undefined || route53 === undefined) return;
  report.error('DB192', route53.span, 'The name has two providers, and one zone answers for it', {
    hint: 'Keep the one that the name servers of the domain belong to.',
    related: [{ message: 'the other one', span: cloudflare.span }],
  });
}
