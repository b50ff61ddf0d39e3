import { Empty } from "../ui/notice";
import { Page } from "../ui/page";

export default function Trash() {
  return (
    <Page title="Trash">
      <Empty icon="trash" title="Nothing here yet" />
    </Page>
  );
}
